import KubeSchema

/// What spread constraints count: matching pods by domain, on the nodes that take part.
struct SpreadCounts: Sendable {
    let constraint: SpreadConstraint
    let query: PodQuery
    private(set) var counts: DomainCounts
    /// Whether a domain has a node that takes part.
    private var takesPart: [Bool]
    private(set) var participants: Int
    private let eligibility: SpreadEligibility

    init(
        _ constraint: SpreadConstraint, _ eligibility: SpreadEligibility, _ cluster: inout Cluster, _ places: [Int]
    ) {
        self.constraint = constraint
        self.eligibility = eligibility
        query = PodQuery(terms: [constraint.pods], countsTerminating: false)
        let domains = cluster.domains(constraint.topologyKey)
        let pods = cluster.counts(query)
        counts = DomainCounts(domains)
        takesPart = Array(repeating: false, count: domains.count)
        participants = 0
        for place in places where eligibility.includes(cluster.nodes[place].node, at: place, constraint) {
            let domain = domains.at(place)
            guard domain >= 0 else { continue }
            if !takesPart[domain] {
                takesPart[domain] = true
                participants += 1
            }
            if let count = pods[Int32(truncatingIfNeeded: place)] { counts.add(Int64(count), at: place) }
        }
    }

    /// The fewest matching pods of a domain; zero when there are fewer domains than asked for.
    var minimum: Int64 {
        guard Int64(participants) >= constraint.minDomains else { return 0 }
        var minimum = Int64.max
        for (domain, takesPart) in takesPart.enumerated() where takesPart {
            minimum = min(minimum, counts.counts[domain])
        }
        return minimum == .max ? 0 : minimum
    }

    /// True when the counts changed.
    mutating func imagine(_ pod: Pod, on info: NodeInfo, at place: Int, change: Int64) -> Bool {
        guard query.matches(pod, namespaceLabels: [:]), eligibility.includes(info.node, at: place, constraint) else {
            return false
        }
        counts.add(change, at: place)
        return true
    }
}

/// Which nodes take part in spreading a pod: those with all topology keys, and as the policies say (KEP-3094).
struct SpreadEligibility: Sendable {
    private let domains: [TopologyIndex.Domains]
    private let selection: NodeSelection
    private let selectsAll: Bool
    private let tolerations: [Toleration]

    init(_ pod: Pod, keys: [String], in cluster: inout Cluster) {
        var domains: [TopologyIndex.Domains] = []
        for key in keys { domains.append(cluster.domains(key)) }
        self.domains = domains
        selection = pod.nodeSelection
        selectsAll = selection.isOpen
        tolerations = pod.tolerations
    }

    func includes(
        _ node: @autoclosure () -> NodeDescription, at place: Int, _ constraint: SpreadConstraint
    ) -> Bool {
        for domains in domains where domains.at(place) < 0 { return false }
        if constraint.honorsNodeSelection, !selectsAll, !selection.allows(node()) { return false }
        if constraint.honorsTaints, node().taints.firstUntolerated(by: tolerations) != nil { return false }
        return true
    }
}
