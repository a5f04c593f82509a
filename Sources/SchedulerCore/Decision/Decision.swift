/// What was decided about a pod, and why.
public struct Decision: Sendable {
    public enum Outcome: Sendable {
        case place(node: String)
        case unschedulable(Diagnosis)
    }

    public let outcome: Outcome
    public let explanation: Explanation
    /// Nodes that were refused by something that preemption may mend.
    let resolvable: [Int]
}

/// Node × plugin: who refused which node and why, and how the others were scored.
public struct Explanation: Sendable {
    public struct RefusedNode: Sendable {
        public let node: String
        let first: Refusal
        let others: [Refusal]

        /// Only the first, unless every plugin was asked.
        public var refusals: [Refusal] { [first] + others }
    }

    public struct Column: Sendable {
        public let plugin: PluginName
        public let weight: Int64
        /// 0 to 100, in the order of `feasible`.
        public let scores: [Int64]
    }

    /// Of the nodes that were looked at.
    public internal(set) var refused: [RefusedNode] = []
    public internal(set) var feasible: [String] = []
    /// Nobody scores when there is no choice.
    public internal(set) var columns: [Column] = []
    /// Filters that had something to say about the pod, in the order of asking.
    public internal(set) var filters: [PluginName] = []
    /// Nodes that nobody looked at, because enough were found or names ruled them out.
    public internal(set) var unseen = 0

    /// The weighted sum of a feasible node.
    public func total(_ index: Int) -> Int64 { columns.reduce(0) { $0 + $1.weight * $1.scores[index] } }
}

/// What goes on from one decision to the next: where looking at nodes begins, and chance.
public struct SchedulingCursor: Sendable {
    var start = 0
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func random(below bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((mixed ^ (mixed >> 31)) % UInt64(max(1, bound)))
    }
}
