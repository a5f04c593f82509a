/// The filters that have something to say about one pod.
struct FilterSet: Sendable {
    /// In upstream's order: it decides which reason a node gives.
    static let plugins: [any FilterPlugin.Type] = [
        NodeUnschedulable.self, NodeNameFilter.self, TaintTolerationFilter.self, NodeAffinityFilter.self,
        NodePorts.self, NodeResourcesFit.self, VolumeRestrictions.self, NodeVolumeLimits.self, VolumeBinding.self,
        VolumeZone.self, PodTopologySpreadFilter.self, InterPodAffinityFilter.self,
    ]

    private(set) var names: [PluginName] = []
    private var filters: [any NodeFilter] = []
    /// The only nodes that need be looked at.
    private(set) var nodeNames: Set<String>?
    private(set) var podRefusal: Refusal?

    init(_ pod: Pod, in cluster: inout Cluster, profile: Profile) {
        for plugin in Self.plugins where !profile.disabledFilters.contains(plugin.name) {
            switch plugin.prepare(pod, in: &cluster, profile: profile) {
            case .skip: continue
            case .check(let filter): append(plugin.name, filter)
            case .narrow(let names, let filter):
                nodeNames = nodeNames.map { $0.intersection(names) } ?? names
                append(plugin.name, filter)
            case .refuse(let refusal):
                podRefusal = refusal
                return
            }
        }
    }

    private mutating func append(_ name: PluginName, _ filter: any NodeFilter) {
        names.append(name)
        filters.append(filter)
    }

    /// The first refusal; nil when the node will do.
    func refusal(of info: NodeInfo, at place: Int) -> Refusal? {
        for filter in filters {
            if let refusal = filter.refusal(of: info, at: place) { return refusal }
        }
        return nil
    }

    /// Every plugin's refusal.
    func refusals(of info: NodeInfo, at place: Int) -> [Refusal] {
        filters.compactMap { $0.refusal(of: info, at: place) }
    }

    mutating func imagine(_ pod: Pod, on info: NodeInfo, at place: Int, change: Int64, in cluster: inout Cluster) {
        for index in filters.indices {
            filters[index].imagine(pod, on: info, at: place, change: change, in: &cluster)
        }
    }
}
