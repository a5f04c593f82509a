/// spec.nodeName, for pods that name their node and are to be judged nevertheless.
enum NodeNameFilter: FilterPlugin {
    static let name = PluginName.nodeName

    static func prepare(_ pod: Pod, in cluster: inout Cluster, profile: Profile) -> FilterPreparation {
        pod.nodeName.isEmpty ? .skip : .check(Filter(node: pod.nodeName))
    }

    static func isHelped(_ pod: Pod, by event: ClusterEvent) -> Bool {
        guard case .nodeAdded(let node) = event else { return false }
        return node.name == pod.nodeName
    }

    private struct Filter: NodeFilter {
        private static let refusal = Refusal(
            name, ["node(s) didn't match the requested node name"], isResolvable: false)
        let node: String

        func refusal(of info: NodeInfo, at place: Int) -> Refusal? { info.name == node ? nil : Self.refusal }
    }
}
