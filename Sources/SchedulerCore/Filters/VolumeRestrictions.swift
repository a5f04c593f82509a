import KubeAPI

/// A claim of access mode ReadWriteOncePod is one pod's at a time (KEP-2485).
enum VolumeRestrictions: FilterPlugin {
    static let name = PluginName.volumeRestrictions

    static func prepare(_ pod: Pod, in cluster: inout Cluster, profile: Profile) -> FilterPreparation {
        guard !pod.claims.isEmpty else { return .skip }
        let claims = pod.claimKeys.filter {
            cluster.storage.claims[$0]?.accessModes.contains("ReadWriteOncePod") == true
        }
        guard !claims.isEmpty else { return .skip }
        let users = claims.reduce(0) { $0 + cluster.claimUses.count($1) }
        return .check(Filter(claims: Set(claims), users: Int64(users)))
    }

    static func isHelped(_ pod: Pod, by event: ClusterEvent) -> Bool {
        switch event {
        case .podGone(let gone): !Set(gone.claimKeys).isDisjoint(with: pod.claimKeys)
        case .claimChanged(let key): pod.claimKeys.contains(key)
        default: false
        }
    }

    private struct Filter: NodeFilter {
        private static let refusal = Refusal(
            name, ["node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode"],
            isResolvable: true)
        let claims: Set<NamespacedName>
        /// Other pods that have one of the claims, on whatever node.
        var users: Int64

        func refusal(of info: NodeInfo, at place: Int) -> Refusal? { users > 0 ? Self.refusal : nil }

        mutating func imagine(
            _ other: Pod, on info: NodeInfo, at place: Int, change: Int64, in cluster: inout Cluster
        ) {
            users += change * Int64(other.claimKeys.count { claims.contains($0) })
        }
    }
}
