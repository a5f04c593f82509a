/// Why no node will do.
public struct Diagnosis: Sendable {
    /// Of the cluster.
    public internal(set) var nodes: Int
    /// Equal refusals that follow each other are counted together; many nodes refuse for the same reason.
    private var counted: [(refusal: Refusal, nodes: Int)] = []
    /// Why it could be no node, without looking at them.
    public internal(set) var podRefusal: Refusal?

    init(nodes: Int) { self.nodes = nodes }

    mutating func add(_ refusal: Refusal, nodes count: Int = 1) {
        if let last = counted.indices.last, counted[last].refusal == refusal {
            counted[last].nodes += count
        } else {
            counted.append((refusal, count))
        }
    }

    /// How many nodes gave each reason.
    public var reasons: [String: Int] {
        counted.reduce(into: [:]) { sums, entry in
            for reason in entry.refusal.reasons { sums[reason, default: 0] += entry.nodes }
        }
    }

    /// The plugins that refused: what happens must concern one of them to be worth a new try.
    public var plugins: Set<PluginName> {
        if let podRefusal { return [podRefusal.plugin] }
        return counted.reduce(into: []) { $0.insert($1.refusal.plugin) }
    }

    /// The text that people know from `kubectl describe pod`. `preemption` is what preemption says.
    public func message(preemption: String? = nil) -> String {
        guard nodes > 0 else { return "no nodes available to schedule pods" }
        var text = "0/\(nodes) nodes are available:"
        if let podRefusal {
            text += " \(podRefusal.reasons.joined(separator: ", "))."
        } else if !counted.isEmpty {
            text += " \(reasons.map { "\($0.value) \($0.key)" }.sorted().joined(separator: ", "))."
        }
        if let preemption { text += " \(preemption)" }
        return text
    }
}
