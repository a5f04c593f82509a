import KubeAPI

/// A node takes only so many volumes of a CSI driver, as its CSINode says.
enum NodeVolumeLimits: FilterPlugin {
    static let name = PluginName.nodeVolumeLimits

    static func prepare(_ pod: Pod, in cluster: inout Cluster, profile: Profile) -> FilterPreparation {
        guard !pod.claims.isEmpty, !cluster.storage.limits.isEmpty else { return .skip }
        let wanted = cluster.storage.attachments(of: pod)
        return wanted.isEmpty ? .skip : .check(Filter(wanted: wanted, catalogue: cluster.storage))
    }

    static func isHelped(_ pod: Pod, by event: ClusterEvent) -> Bool {
        switch event {
        case .nodeAdded, .volumeLimitsChanged: true
        case .podGone(let gone): !gone.claims.isEmpty
        case .claimChanged(let key): pod.claimKeys.contains(key)
        default: false
        }
    }

    private struct Filter: NodeFilter {
        private static let refusal = Refusal(name, ["node(s) exceed max volume count"], isResolvable: true)
        let wanted: Set<VolumeAttachment>
        let catalogue: VolumeCatalogue

        func refusal(of info: NodeInfo, at place: Int) -> Refusal? {
            guard let limits = catalogue.limits[info.name], wanted.contains(where: { limits[$0.driver] != nil }) else {
                return nil
            }
            let there = info.pods.values.reduce(into: Set<VolumeAttachment>()) {
                $0.formUnion(catalogue.attachments(of: $1))
            }
            let new = wanted.subtracting(there)
            let isFull = Set(new.map(\.driver)).contains { driver in
                guard let limit = limits[driver] else { return false }
                return Int64(there.union(new).count { $0.driver == driver }) > limit
            }
            return isFull ? Self.refusal : nil
        }
    }
}
