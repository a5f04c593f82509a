/// Whether what the pod asks for is free on the node.
enum NodeResourcesFit: FilterPlugin {
    static let name = PluginName.nodeResourcesFit

    static func prepare(_ pod: Pod, in cluster: inout Cluster, profile: Profile) -> FilterPreparation {
        .check(Filter(pod.requests, ignored: profile.fit))
    }

    static func isHelped(_ pod: Pod, by event: ClusterEvent) -> Bool {
        switch event {
        case .nodeAdded(let node): fits(pod, node.allocatable)
        case .nodeChanged(let old, let new): old.allocatable != new.allocatable && fits(pod, new.allocatable)
        case .podGone: true
        default: false
        }
    }

    /// On an empty node.
    private static func fits(_ pod: Pod, _ allocatable: Resources) -> Bool {
        Filter(pod.requests, ignored: .init()).lacks(of: allocatable, used: Resources(), 0).isEmpty
    }

    /// What of the node is too little for the pod, beside those that are there.
    static func lacks(for pod: Pod, on info: NodeInfo) -> [ResourceLack] {
        Filter(pod.requests, ignored: .init()).lacks(of: info.node.allocatable, used: info.requested, info.pods.count)
    }

    private struct Filter: NodeFilter {
        let requests: Resources
        private let scalars: [(name: String, amount: Int64)]

        init(_ requests: Resources, ignored: Profile.FitArguments) {
            self.requests = requests
            scalars = requests.scalars.filter { $0.value > 0 && !ignored.ignores($0.key) }
                .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        }

        func refusal(of info: NodeInfo, at place: Int) -> Refusal? {
            let lacks = lacks(of: info.node.allocatable, used: info.requested, info.pods.count)
            guard !lacks.isEmpty else { return nil }
            return Refusal(name, lacks.map(\.text), isResolvable: !lacks.contains(where: \.isFinal))
        }

        func lacks(of allocatable: Resources, used: Resources, _ pods: Int) -> [ResourceLack] {
            var lacks: [ResourceLack] = []
            if Int64(pods) + 1 > allocatable.pods {
                lacks.append(
                    ResourceLack(resource: "pods", requested: 1, used: Int64(pods), capacity: allocatable.pods))
            }
            func check(_ resource: String, _ wanted: Int64, _ used: Int64, _ there: Int64) {
                guard wanted > 0, wanted > there.subtractingClamped(used) else { return }
                lacks.append(ResourceLack(resource: resource, requested: wanted, used: used, capacity: there))
            }
            check("cpu", requests.milliCPU, used.milliCPU, allocatable.milliCPU)
            check("memory", requests.memory, used.memory, allocatable.memory)
            check(
                "ephemeral-storage", requests.ephemeralStorage, used.ephemeralStorage, allocatable.ephemeralStorage)
            for (name, amount) in scalars {
                check(name, amount, used.scalars[name] ?? 0, allocatable.scalars[name] ?? 0)
            }
            return lacks
        }
    }
}

/// A resource of which a node has too little left; thousandths of a processor, bytes, or how many.
public struct ResourceLack: Sendable, Hashable {
    public let resource: String
    public let requested: Int64
    public let used: Int64
    public let capacity: Int64

    /// As the scheduler says it.
    var text: String { resource == "pods" ? "Too many pods" : "Insufficient \(resource)" }
    /// Even the empty node has less. A pod more never is: others may go.
    var isFinal: Bool { resource != "pods" && requested > capacity }
}
