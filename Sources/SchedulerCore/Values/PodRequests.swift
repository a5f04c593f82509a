import KubeAPI

/// What a pod asks of a node, counted as kubelet and kube-scheduler do (KEP-753, KEP-2837): all containers together, or
/// the init container that needs most beside the sidecars started before it; pod-level requests in their place;
/// overhead on top.
struct PodRequests {
    /// What is asked for.
    var requests = Resources()
    /// For scores: containers that ask for no processor or memory count as a little of both.
    var assumed = Resources()

    /// What a container counts as that asks for nothing.
    private static let assumedMilliCPU: Int64 = 100
    private static let assumedMemory: Int64 = 200 << 20

    init(spec: JSONValue) throws(DecodingFailure) {
        requests = try Self.sum(spec, assumesMissing: false)
        assumed = try Self.sum(spec, assumesMissing: true)
    }

    private static func sum(_ spec: JSONValue, assumesMissing: Bool) throws(DecodingFailure) -> Resources {
        var all = Resources()
        for (index, container) in (spec["containers"]?.array ?? []).enumerated() {
            do { all += try request(of: container, assumesMissing) } catch { throw error.under("containers", index) }
        }
        var sidecars = Resources()
        var most = Resources()
        for (index, container) in (spec["initContainers"]?.array ?? []).enumerated() {
            var needed: Resources
            do { needed = try request(of: container, assumesMissing) } catch {
                throw error.under("initContainers", index)
            }
            if container["restartPolicy"]?.string == "Always" {
                all += needed
                sidecars += needed
                needed = sidecars
            } else {
                needed += sidecars
            }
            most.formMaximum(needed)
        }
        all.formMaximum(most)
        try replace(&all, with: spec["resources"]?["requests"])
        all += try Resources(list: spec["overhead"])
        return all
    }

    /// Pod-level requests stand for the sum of the containers'.
    private static func replace(_ sum: inout Resources, with list: JSONValue?) throws(DecodingFailure) {
        guard case .object(let object)? = list, !object.members.isEmpty else { return }
        let whole = try Resources(list: list)
        for member in object.members {
            switch member.key {
            case "cpu": sum.milliCPU = whole.milliCPU
            case "memory": sum.memory = whole.memory
            case let name where name.hasPrefix("hugepages-"): sum.scalars[name] = whole.scalars[name]
            default: break
            }
        }
    }

    private static func request(
        of container: JSONValue, _ assumesMissing: Bool
    ) throws(DecodingFailure) -> Resources {
        let list = container["resources"]?["requests"]
        var request: Resources
        do { request = try Resources(list: list) } catch { throw error.under("resources.requests") }
        if assumesMissing {
            if list?["cpu"] == nil { request.milliCPU = assumedMilliCPU }
            if list?["memory"] == nil { request.memory = assumedMemory }
        }
        return request
    }
}
