import KubeAPI

/// How a Pod fares when its node runs out of memory, by what its containers ask for.
public enum PodQualityOfService: String, Sendable {
    case guaranteed = "Guaranteed"
    case burstable = "Burstable"
    case bestEffort = "BestEffort"

    private static let counted = ["cpu", "memory"]

    public init(_ pod: JSONValue) {
        let spec = pod["spec"] ?? .null
        let ofPod = spec["resources"].map { [$0] } ?? []
        let ofContainers = ["containers", "initContainers"].flatMap { spec[$0]?.array ?? [] }
            .map { $0["resources"] ?? .emptyObject }
        // Resources of the Pod as a whole decide alone (KEP-2837).
        let all =
            ofPod.contains { !Self.quantities($0, "requests").isEmpty || !Self.quantities($0, "limits").isEmpty }
            ? ofPod : ofContainers
        let requests = all.map { Self.quantities($0, "requests") }
        let limits = all.map { Self.quantities($0, "limits") }
        if requests.allSatisfy(\.isEmpty), limits.allSatisfy(\.isEmpty) {
            self = .bestEffort
        } else if zip(requests, limits).allSatisfy({ requests, limits in
            limits.count == Self.counted.count && requests.allSatisfy { limits[$0.key] == $0.value }
        }) {
            self = .guaranteed
        } else {
            self = .burstable
        }
    }

    /// By resource, without zeros; quantities are in canonical form.
    private static func quantities(_ resources: JSONValue, _ list: String) -> [String: String] {
        var found: [String: String] = [:]
        for name in counted {
            guard let quantity = resources[list]?[name]?.string, quantity != "0" else { continue }
            found[name] = quantity
        }
        return found
    }
}
