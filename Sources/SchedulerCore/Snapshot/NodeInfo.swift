import KubeAPI

/// A node and what its pods take of it.
struct NodeInfo: Sendable {
    var node: NodeDescription
    private(set) var pods: [NamespacedName: Pod] = [:]
    /// What pods ask for, together.
    private(set) var requested = Resources()
    /// The same with assumed amounts for containers that ask for nothing.
    private(set) var assumed = Resources()
    private(set) var ports: Set<HostPort> = []

    init(_ node: NodeDescription) { self.node = node }

    var name: String { node.name }
    var allocatable: Resources { node.allocatable }

    mutating func add(_ pod: Pod) {
        if let old = pods[pod.key] { remove(old) }
        pods[pod.key] = pod
        requested += pod.requests
        assumed += pod.assumedRequests
        if !pod.ports.isEmpty { ports.formUnion(pod.ports) }
    }

    mutating func remove(_ pod: Pod) {
        guard let pod = pods.removeValue(forKey: pod.key) else { return }
        requested -= pod.requests
        assumed -= pod.assumedRequests
        // Others may hold the same port when nobody checked.
        if !pod.ports.isEmpty { ports = Set(pods.values.flatMap(\.ports)) }
    }
}
