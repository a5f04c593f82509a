import KubeAPI

/// Pods that preempted others and wait for their node.
struct Nominations: Sendable {
    private var nodes: [NamespacedName: String] = [:]
    private var pods: [String: [NamespacedName: Pod]] = [:]

    var isEmpty: Bool { nodes.isEmpty }

    mutating func set(_ pod: Pod, to node: String) {
        remove(pod.key)
        nodes[pod.key] = node
        pods[node, default: [:]][pod.key] = pod
    }

    mutating func remove(_ key: NamespacedName) {
        guard let node = nodes.removeValue(forKey: key) else { return }
        pods[node]?[key] = nil
        if pods[node]?.isEmpty == true { pods[node] = nil }
    }

    func node(of key: NamespacedName) -> String? { nodes[key] }

    /// Those that go before `pod` on the node.
    func preceding(_ pod: Pod, on node: String) -> [Pod] {
        guard let waiting = pods[node] else { return [] }
        return waiting.values.filter { $0.priority >= pod.priority && $0.key != pod.key }
    }

    /// Those that `pod` pushes aside on the node.
    func following(_ pod: Pod, on node: String) -> [Pod] {
        (pods[node] ?? [:]).values.filter { $0.priority < pod.priority }.sorted { $0.key < $1.key }
    }
}
