/// Chooses as few and as unimportant pods of a node as make room for another.
struct VictimSelection {
    let pod: Pod
    let place: Int
    /// Prepared for `pod` on the cluster as it is.
    private var filters: FilterSet
    private var info: NodeInfo

    init(for pod: Pod, at place: Int, _ filters: FilterSet, in cluster: Cluster) {
        self.pod = pod
        self.place = place
        self.filters = filters
        info = cluster.nodes[place]
    }

    enum Result {
        case victims(Victims)
        case refused([String])
    }

    /// Takes all pods of lower priority away, then puts back what still has room: first those that a budget protects,
    /// the most important first.
    mutating func run(_ budgets: BudgetLedger, in cluster: inout Cluster) -> Result {
        let lower = info.pods.values.filter { $0.priority < pod.priority }.sorted { $0.isMoreImportant(than: $1) }
        guard !lower.isEmpty else { return .refused(["No preemption victims found for incoming pod"]) }
        for victim in lower { change(victim, by: -1, in: &cluster) }
        if let refusal = refusal(in: &cluster) { return .refused(refusal.reasons) }
        let (violating, others) = budgets.split(lower)
        var victims: [Pod] = []
        var violations = 0
        for candidate in violating where !reprieve(candidate, in: &cluster) {
            victims.append(candidate)
            violations += 1
        }
        for candidate in others where !reprieve(candidate, in: &cluster) { victims.append(candidate) }
        victims.sort { $0.isMoreImportant(than: $1) }
        return .victims(Victims(node: info.name, pods: victims, violations: violations))
    }

    private mutating func reprieve(_ candidate: Pod, in cluster: inout Cluster) -> Bool {
        change(candidate, by: 1, in: &cluster)
        if refusal(in: &cluster) == nil { return true }
        change(candidate, by: -1, in: &cluster)
        return false
    }

    private mutating func change(_ other: Pod, by change: Int64, in cluster: inout Cluster) {
        filters.imagine(other, on: info, at: place, change: change, in: &cluster)
        if change > 0 { info.add(other) } else { info.remove(other) }
    }

    private func refusal(in cluster: inout Cluster) -> Refusal? {
        let waiting = cluster.nominations.preceding(pod, on: info.name)
        if !waiting.isEmpty, let refusal = filters.refusal(of: info, at: place, with: waiting, in: &cluster) {
            return refusal
        }
        return filters.refusal(of: info, at: place)
    }
}

/// How many disruptions each budget still allows.
struct BudgetLedger {
    private let budgets: [DisruptionBudget]

    init(_ budgets: some Sequence<DisruptionBudget>) { self.budgets = budgets.sorted { $0.key < $1.key } }

    /// Pods whose loss a budget does not allow, after the losses before them, and the others.
    func split(_ pods: [Pod]) -> (violating: [Pod], others: [Pod]) {
        guard !budgets.isEmpty else { return ([], pods) }
        var allowed = budgets.map(\.allowed)
        var (violating, others): ([Pod], [Pod]) = ([], [])
        for pod in pods {
            var isViolation = false
            for (index, budget) in budgets.enumerated() where budget.protects(pod) {
                allowed[index] = allowed[index].subtractingClamped(1)
                if allowed[index] < 0 { isViolation = true }
            }
            if isViolation { violating.append(pod) } else { others.append(pod) }
        }
        return (violating, others)
    }
}
