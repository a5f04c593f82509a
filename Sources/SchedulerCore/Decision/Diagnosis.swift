/// Why no node will do.
public struct Diagnosis: Sendable {
    /// Of the cluster.
    public internal(set) var nodes: Int
    /// How many nodes gave each reason.
    public internal(set) var reasons: [String: Int] = [:]
    /// The plugins that refused: what happens must concern one of them to be worth a new try.
    public internal(set) var plugins: Set<PluginName> = []
    /// Why it could be no node, without looking at them.
    public internal(set) var podRefusal: Refusal?

    init(nodes: Int) { self.nodes = nodes }

    mutating func add(_ refusal: Refusal, nodes count: Int = 1) {
        plugins.insert(refusal.plugin)
        for reason in refusal.reasons { reasons[reason, default: 0] += count }
    }

    /// The text that people know from `kubectl describe pod`. `preemption` is what preemption says.
    public func message(preemption: String? = nil) -> String {
        var text = "0/\(nodes) nodes are available:"
        if let podRefusal {
            text += " \(podRefusal.reasons.joined(separator: ", "))."
        } else if !reasons.isEmpty {
            text += " \(reasons.map { "\($0.value) \($0.key)" }.sorted().joined(separator: ", "))."
        }
        if let preemption { text += " \(preemption)" }
        return text
    }
}
