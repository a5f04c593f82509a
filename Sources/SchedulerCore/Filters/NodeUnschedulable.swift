import KubeSchema

/// Cordoned nodes take only pods that tolerate it.
enum NodeUnschedulable: FilterPlugin {
    static let name = PluginName.nodeUnschedulable

    static func prepare(_ pod: Pod, in cluster: inout Cluster, profile: Profile) -> FilterPreparation {
        let taint = Taint(key: "node.kubernetes.io/unschedulable", effect: .noSchedule)
        return pod.tolerations.tolerate(taint) ? .skip : .check(Filter())
    }

    static func isHelped(_ pod: Pod, by event: ClusterEvent) -> Bool {
        switch event {
        case .nodeAdded(let node): !node.isUnschedulable
        case .nodeChanged(let old, let new): old.isUnschedulable && !new.isUnschedulable
        default: false
        }
    }

    private struct Filter: NodeFilter {
        private static let refusal = Refusal(name, ["node(s) were unschedulable"], isResolvable: false)

        func refusal(of info: NodeInfo, at place: Int) -> Refusal? {
            info.node.isUnschedulable ? Self.refusal : nil
        }
    }
}
