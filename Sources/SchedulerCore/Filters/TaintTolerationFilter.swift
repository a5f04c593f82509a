import KubeSchema

/// Taints with the effects NoSchedule and NoExecute.
enum TaintTolerationFilter: FilterPlugin {
    static let name = PluginName.taintToleration

    static func prepare(_ pod: Pod, in cluster: inout Cluster, profile: Profile) -> FilterPreparation {
        .check(Filter(tolerations: pod.tolerations))
    }

    static func isHelped(_ pod: Pod, by event: ClusterEvent) -> Bool {
        switch event {
        case .nodeAdded(let node): node.taints.firstUntolerated(by: pod.tolerations) == nil
        case .nodeChanged(let old, let new):
            old.taints != new.taints && new.taints.firstUntolerated(by: pod.tolerations) == nil
        default: false
        }
    }

    private struct Filter: NodeFilter {
        let tolerations: [Toleration]

        func refusal(of info: NodeInfo, at place: Int) -> Refusal? {
            guard !info.node.taints.isEmpty, let taint = info.node.taints.firstUntolerated(by: tolerations) else {
                return nil
            }
            return Refusal(
                name, ["node(s) had untolerated taint {\(taint.key): \(taint.value)}"], isResolvable: false)
        }
    }
}
