import KubeAPI

/// What a Pod asks for, by resource.
public enum PodResources {
    public typealias Amounts = [String: Quantity]

    public static func amounts(_ json: JSONValue?) -> Amounts {
        var amounts: Amounts = [:]
        for member in json?.object?.members ?? [] {
            amounts[member.key] = member.value.string.flatMap { try? Quantity(parsing: $0) }
        }
        return amounts
    }

    /// All containers at once, or the greediest init container while it runs; sidecars run beside both (KEP-753); with the
    /// overhead of the runtime class. `list` is `requests` or `limits`.
    public static func total(_ pod: JSONValue, _ list: String) -> Amounts {
        let spec = pod["spec"] ?? .null
        if let ofPod = spec[path: "resources", list], ofPod.object?.members.isEmpty == false {
            return sum(amounts(ofPod), amounts(spec["overhead"]))
        }
        var running = (spec["containers"]?.array ?? []).map { amounts($0[path: "resources", list]) }.reduce([:], sum)
        var sidecars: Amounts = [:]
        var starting: Amounts = [:]
        for container in spec["initContainers"]?.array ?? [] {
            let own = amounts(container[path: "resources", list])
            if container["restartPolicy"] == "Always" {
                sidecars = sum(sidecars, own)
                starting = maximum(starting, sidecars)
            } else {
                starting = maximum(starting, sum(sidecars, own))
            }
        }
        running = maximum(sum(running, sidecars), starting)
        return sum(running, running.isEmpty ? [:] : amounts(spec["overhead"]))
    }

    public static func sum(_ a: Amounts, _ b: Amounts) -> Amounts { a.merging(b) { $0 + $1 } }

    private static func maximum(_ a: Amounts, _ b: Amounts) -> Amounts { a.merging(b) { max($0, $1) } }
}
