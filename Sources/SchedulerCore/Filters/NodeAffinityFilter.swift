import KubeSchema

/// spec.nodeSelector, required node affinity, and the affinity that the profile adds to every pod.
enum NodeAffinityFilter: FilterPlugin {
    static let name = PluginName.nodeAffinity

    static func prepare(_ pod: Pod, in cluster: inout Cluster, profile: Profile) -> FilterPreparation {
        let added = profile.addedNodeSelection
        guard !pod.nodeSelection.isOpen || !(added?.isOpen ?? true) else { return .skip }
        let filter = Filter(selection: pod.nodeSelection, added: added)
        guard let names = pod.nodeSelection.names else { return .check(filter) }
        return .narrow(names, filter)
    }

    static func isHelped(_ pod: Pod, by event: ClusterEvent) -> Bool {
        switch event {
        case .nodeAdded(let node): pod.nodeSelection.allows(node)
        case .nodeChanged(let old, let new): old.labels != new.labels && pod.nodeSelection.allows(new)
        default: false
        }
    }

    private struct Filter: NodeFilter {
        private static let refusal = Refusal(
            name, ["node(s) didn't match Pod's node affinity/selector"], isResolvable: false)
        private static let enforcedRefusal = Refusal(
            name, ["node(s) didn't match scheduler-enforced node affinity"], isResolvable: false)
        let selection: NodeSelection
        let added: NodeSelection?

        func refusal(of info: NodeInfo, at place: Int) -> Refusal? {
            if let added, !added.allows(info.node) { return Self.enforcedRefusal }
            return selection.allows(info.node) ? nil : Self.refusal
        }
    }
}
