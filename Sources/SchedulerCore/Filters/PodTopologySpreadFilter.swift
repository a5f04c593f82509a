/// topologySpreadConstraints with whenUnsatisfiable: DoNotSchedule (KEP-895).
enum PodTopologySpreadFilter: FilterPlugin {
    static let name = PluginName.podTopologySpread

    static func prepare(_ pod: Pod, in cluster: inout Cluster, profile: Profile) -> FilterPreparation {
        let spread = PodSpread(of: pod, required: true, in: cluster, profile)
        guard !spread.constraints.isEmpty else { return .skip }
        let eligibility = SpreadEligibility(pod, keys: spread.neededKeys, in: &cluster)
        let places = cluster.orderedPlaces()
        let checks = spread.constraints.map { constraint in
            Check(SpreadCounts(constraint, eligibility, &cluster, places), pod)
        }
        return .check(Filter(checks: checks))
    }

    static func isHelped(_ pod: Pod, by event: ClusterEvent) -> Bool {
        let constraints = pod.spread.filter(\.isRequired)
        func concerns(_ other: Pod) -> Bool {
            // Defaults are the profile's, which is not known here.
            constraints.isEmpty || constraints.contains { $0.pods.matches(other, namespaceLabels: [:]) }
        }
        switch event {
        case .nodeAdded(let node): return constraints.allSatisfy { node.labels[$0.topologyKey] != nil }
        case .nodeRemoved(let node):
            return constraints.isEmpty || constraints.contains { node.labels[$0.topologyKey] != nil }
        case .nodeChanged(let old, let new): return old.labels != new.labels || old.taints != new.taints
        // A pod that comes lifts the minimum; one that goes lowers a domain.
        case .podPlaced(let other), .podGone(let other): return concerns(other)
        case .podChanged(let old, let new): return concerns(old) || concerns(new)
        default: return false
        }
    }

    private struct Check: Sendable {
        var counts: SpreadCounts
        /// One when the pod itself is counted.
        let own: Int64
        var minimum: Int64

        init(_ counts: SpreadCounts, _ pod: Pod) {
            self.counts = counts
            own = counts.constraint.pods.matches(pod, namespaceLabels: [:]) ? 1 : 0
            minimum = counts.minimum
        }
    }

    private struct Filter: NodeFilter {
        private static let missing = Refusal(
            name, ["node(s) didn't match pod topology spread constraints (missing required label)"],
            isResolvable: false)
        private static let skewed = Refusal(
            name, ["node(s) didn't match pod topology spread constraints"], isResolvable: true)
        var checks: [Check]

        func refusal(of info: NodeInfo, at place: Int) -> Refusal? {
            for check in checks {
                guard let count = check.counts.counts.count(at: place) else { return Self.missing }
                if count + check.own - check.minimum > check.counts.constraint.maxSkew { return Self.skewed }
            }
            return nil
        }

        mutating func imagine(
            _ pod: Pod, on info: NodeInfo, at place: Int, change: Int64, in cluster: inout Cluster
        ) {
            for index in checks.indices
            where checks[index].counts.imagine(pod, on: info, at: place, change: change) {
                checks[index].minimum = checks[index].counts.minimum
            }
        }
    }
}
