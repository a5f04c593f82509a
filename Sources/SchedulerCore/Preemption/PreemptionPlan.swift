import KubeAPI

/// What preemption would do for a pod that fits nowhere.
public enum PreemptionPlan: Sendable {
    /// Delete the victims, with their grace; the pod waits for the node.
    case evict(Victims)
    /// Nothing helps; the text is the second half of the FailedScheduling event: `preemption: …`.
    /// `keepsNomination`: the pod still waits for the node that it was promised.
    case decline(message: String, keepsNomination: Bool)
}

/// The pods that would go from one node.
public struct Victims: Sendable {
    public let node: String
    /// The most important first.
    public let pods: [Pod]
    /// How many of them a disruption budget wants to keep.
    public let violations: Int
    /// Pods of lower priority that wait for the same node and must look elsewhere.
    public internal(set) var displaced: [Pod] = []
}

extension Victims {
    /// Which node to take: fewest violations, then the least important top victim, the smallest sum of priorities, the
    /// fewest pods, the youngest of the most important victims. Upstream's pickOneNodeForPreemption.
    func isBetter(than other: Victims) -> Bool {
        let top = (pods.map(\.priority).max() ?? .min, other.pods.map(\.priority).max() ?? .min)
        let sums = (prioritySum, other.prioritySum)
        let youngest = (earliestTopStart, other.earliestTopStart)
        if violations != other.violations { return violations < other.violations }
        if top.0 != top.1 { return top.0 < top.1 }
        if sums.0 != sums.1 { return sums.0 < sums.1 }
        if pods.count != other.pods.count { return pods.count < other.pods.count }
        return youngest.0 > youngest.1
    }

    /// Shifted so that every pod counts as more than nothing.
    private var prioritySum: Int64 {
        pods.reduce(0) { $0.addingClamped($1.priority.addingClamped(Int64(Int32.max) + 1)) }
    }

    private var earliestTopStart: Int64 {
        let top = pods.map(\.priority).max()
        return pods.filter { $0.priority == top }.map(\.started).min() ?? .min
    }
}

extension Pod {
    /// Of higher priority, or of the same and longer at work; names decide at last, so that the order is total.
    func isMoreImportant(than other: Pod) -> Bool {
        if priority != other.priority { return priority > other.priority }
        return started != other.started ? started < other.started : key < other.key
    }
}
