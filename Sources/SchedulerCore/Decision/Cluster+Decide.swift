/// One scheduling decision: filter nodes until enough will do, score those, take the best.
extension Cluster {
    /// `isThorough`: every plugin judges every node, for people; the decision is then not bounded by
    /// percentageOfNodesToScore.
    public mutating func decide(
        _ pod: Pod, profile: Profile, cursor: inout SchedulingCursor, isThorough: Bool = false
    ) -> Decision {
        let filters = FilterSet(pod, in: &self, profile: profile)
        var search = NodeSearch(
            pod: pod, filters: filters, nodes: nodeCount,
            enough: isThorough ? nodeCount : profile.sufficientNodes(of: nodeCount), isThorough: isThorough)
        if let refusal = filters.podRefusal {
            search.diagnosis.podRefusal = refusal
            search.explanation.unseen = nodeCount
        } else {
            search.run(&self, &cursor)
        }
        guard !search.feasible.isEmpty else {
            return Decision(
                outcome: .unschedulable(search.diagnosis), explanation: search.explanation,
                resolvable: search.resolvable)
        }
        var explanation = search.explanation
        if search.feasible.count > 1 || isThorough {
            explanation.columns = ScoreSet.columns(pod, feasible: search.feasible, in: &self, profile: profile)
        }
        let best = Self.best(explanation, search.feasible.count, &cursor)
        return Decision(
            outcome: .place(node: nodes[search.feasible[best]].name), explanation: explanation, resolvable: [])
    }

    /// The highest total; chance decides between equals.
    private static func best(_ explanation: Explanation, _ count: Int, _ cursor: inout SchedulingCursor) -> Int {
        var totals = Array(repeating: Int64(0), count: count)
        for column in explanation.columns {
            for index in 0..<count {
                totals[index] = totals[index].addingClamped(column.weight.multipliedClamped(by: column.scores[index]))
            }
        }
        var (best, equals) = (0, 1)
        for index in totals.indices.dropFirst() {
            if totals[index] > totals[best] {
                (best, equals) = (index, 1)
            } else if totals[index] == totals[best] {
                equals += 1
                if cursor.random(below: equals) == 0 { best = index }
            }
        }
        return best
    }
}

/// The search for nodes that will do.
private struct NodeSearch {
    let pod: Pod
    let filters: FilterSet
    let enough: Int
    let isThorough: Bool
    var feasible: [Int] = []
    var resolvable: [Int] = []
    var diagnosis: Diagnosis
    var explanation = Explanation()

    init(pod: Pod, filters: FilterSet, nodes: Int, enough: Int, isThorough: Bool) {
        self.pod = pod
        self.filters = filters
        self.enough = enough
        self.isThorough = isThorough
        diagnosis = Diagnosis(nodes: nodes)
        explanation.filters = filters.names
    }

    mutating func run(_ cluster: inout Cluster, _ cursor: inout SchedulingCursor) {
        if let node = cluster.nominations.node(of: pod.key), let place = cluster.places[node], !isThorough {
            judge(place, &cluster)
            if !feasible.isEmpty { return }
            (resolvable, explanation.refused) = ([], [])
            diagnosis = Diagnosis(nodes: cluster.nodeCount)
        }
        if let names = filters.nodeNames, !isThorough {
            for name in names.sorted() {
                if let place = cluster.places[name] { judge(place, &cluster) }
            }
            let ruledOut = cluster.nodeCount - feasible.count - explanation.refused.count
            explanation.unseen = ruledOut
            if ruledOut > 0, feasible.isEmpty {
                diagnosis.add(
                    Refusal(.nodeAffinity, ["node(s) didn't satisfy plugin(s) [NodeAffinity]"], isResolvable: false),
                    nodes: ruledOut)
            }
            return
        }
        walk(&cluster, &cursor)
    }

    private mutating func walk(_ cluster: inout Cluster, _ cursor: inout SchedulingCursor) {
        let places = cluster.orderedPlaces()
        guard !places.isEmpty else { return }
        var seen = 0
        let start = cursor.start % places.count
        while seen < places.count, feasible.count < enough {
            let index = start + seen
            judge(places[index < places.count ? index : index - places.count], &cluster)
            seen += 1
        }
        cursor.start = (start + seen) % places.count
        explanation.unseen = places.count - seen
    }

    private mutating func judge(_ place: Int, _ cluster: inout Cluster) {
        guard let first = filters.refusal(at: place, for: pod, in: &cluster) else {
            feasible.append(place)
            explanation.feasible.append(cluster.nodes[place].name)
            return
        }
        let others = isThorough ? filters.refusals(of: cluster.nodes[place], at: place).filter { $0 != first } : []
        diagnosis.add(first)
        explanation.refused.append(.init(node: cluster.nodes[place].name, first: first, others: others))
        if first.isResolvable { resolvable.append(place) }
    }
}

extension FilterSet {
    /// With and without the pods that wait for the node and go before: both must do, since nobody knows whether they
    /// will come.
    func refusal(at place: Int, for pod: Pod, in cluster: inout Cluster) -> Refusal? {
        if !cluster.nominations.isEmpty {
            let info = cluster.nodes[place]
            let waiting = cluster.nominations.preceding(pod, on: info.name)
            if !waiting.isEmpty, let refusal = refusal(of: info, at: place, with: waiting, in: &cluster) {
                return refusal
            }
        }
        return refusal(of: cluster.nodes[place], at: place)
    }

    func refusal(of info: NodeInfo, at place: Int, with pods: [Pod], in cluster: inout Cluster) -> Refusal? {
        var (info, filters) = (info, self)
        for pod in pods {
            filters.imagine(pod, on: info, at: place, change: 1, in: &cluster)
            info.add(pod)
        }
        return filters.refusal(of: info, at: place)
    }
}
