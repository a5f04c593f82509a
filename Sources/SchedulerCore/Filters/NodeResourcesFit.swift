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
        Filter(pod.requests, ignored: .init()).shortage(of: allocatable, used: Resources(), pods: 0).isEmpty
    }

    /// What of a node is too little.
    private struct Shortage {
        var reasons: [String] = []
        /// Even the empty node has less.
        var isFinal = false
        var isEmpty: Bool { reasons.isEmpty }
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
            let shortage = shortage(of: info.node.allocatable, used: info.requested, pods: info.pods.count)
            guard !shortage.isEmpty else { return nil }
            return Refusal(name, shortage.reasons, isResolvable: !shortage.isFinal)
        }

        func shortage(of allocatable: Resources, used: Resources, pods: Int) -> Shortage {
            var shortage = Shortage()
            if Int64(pods) + 1 > allocatable.pods { shortage.reasons.append("Too many pods") }
            func check(_ wanted: Int64, _ used: Int64, _ there: Int64, _ reason: @autoclosure () -> String) {
                guard wanted > 0, wanted > there.subtractingClamped(used) else { return }
                shortage.reasons.append(reason())
                if wanted > there { shortage.isFinal = true }
            }
            check(requests.milliCPU, used.milliCPU, allocatable.milliCPU, "Insufficient cpu")
            check(requests.memory, used.memory, allocatable.memory, "Insufficient memory")
            check(
                requests.ephemeralStorage, used.ephemeralStorage, allocatable.ephemeralStorage,
                "Insufficient ephemeral-storage")
            for (name, amount) in scalars {
                check(amount, used.scalars[name] ?? 0, allocatable.scalars[name] ?? 0, "Insufficient \(name)")
            }
            return shortage
        }
    }
}
