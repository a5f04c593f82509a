import KubeSchema

/// What a node itself asks of a pod that was bound to it, by whomever: the scheduler's filters that look at this node alone
/// (upstream's scheduler.AdmissionCheck and kubelet's generalFilter).
public struct NodeAdmission: Sendable {
    public enum Obstacle: Sendable, Hashable {
        case lack(ResourceLack)
        /// - Parameter reason: in the scheduler's words.
        case refusal(PluginName, reason: String)
    }

    private var info: NodeInfo

    /// - Parameter others: the pods that are there.
    public init(_ node: NodeDescription, others: some Sequence<Pod>) {
        info = NodeInfo(node)
        for pod in others { info.add(pod) }
    }

    /// - Parameter isStatic: it is the node's own, whatever its taints.
    public func obstacles(for pod: Pod, isStatic: Bool) -> [Obstacle] {
        // Extended resources that the node knows nothing of may be the cluster's.
        var obstacles = NodeResourcesFit.lacks(for: pod, on: info).filter { lack in
            !lack.resource.contains("/") || info.allocatable.scalars[lack.resource] != nil
        }.map(Obstacle.lack)
        if !pod.nodeSelection.allows(info.node) {
            obstacles.append(.refusal(.nodeAffinity, reason: "node(s) didn't match Pod's node affinity/selector"))
        }
        if NodePorts.collide(pod, on: info) {
            obstacles.append(.refusal(.nodePorts, reason: "node(s) didn't have free ports for the requested pod ports"))
        }
        let taints = info.node.taints.filter { $0.effect == .noExecute }
        if !isStatic, taints.firstUntolerated(by: pod.tolerations) != nil {
            obstacles.append(.refusal(.taintToleration, reason: "node(s) had taints that the pod didn't tolerate"))
        }
        return obstacles
    }
}
