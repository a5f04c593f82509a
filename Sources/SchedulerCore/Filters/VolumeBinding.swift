import KubeAPI

/// Claims must be bound, and their volumes reach the node (PersistentVolume's spec.nodeAffinity).
enum VolumeBinding: FilterPlugin {
    static let name = PluginName.volumeBinding

    static func prepare(_ pod: Pod, in cluster: inout Cluster, profile: Profile) -> FilterPreparation {
        guard !pod.claims.isEmpty else { return .skip }
        var volumes: [PersistentVolume] = []
        for claimName in pod.claims {
            let key = NamespacedName(namespace: pod.key.namespace, name: claimName)
            guard let claim = cluster.claims[key] else {
                return refuse("persistentvolumeclaim \"\(claimName)\" not found")
            }
            if claim.isTerminating {
                return refuse("persistentvolumeclaim \"\(claimName)\" is being deleted")
            }
            if claim.isLost {
                return refuse("persistentvolumeclaim \"\(claimName)\" bound to non-existent persistentvolume")
            }
            guard !claim.volumeName.isEmpty else {
                return refuse("pod has unbound immediate PersistentVolumeClaims")
            }
            guard let volume = cluster.volumes[claim.volumeName] else {
                return refuse("node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)")
            }
            volumes.append(volume)
        }
        let bounded = volumes.compactMap(\.nodes)
        return bounded.isEmpty ? .skip : .check(Filter(selectors: bounded))
    }

    private static func refuse(_ reason: String) -> FilterPreparation {
        .refuse(Refusal(name, [reason], isResolvable: false))
    }

    static func isHelped(_ pod: Pod, by event: ClusterEvent) -> Bool {
        switch event {
        case .nodeAdded: true
        case .nodeChanged(let old, let new): old.labels != new.labels
        case .volumeChanged: true
        case .claimChanged(let key): key.namespace == pod.key.namespace && pod.claims.contains(key.name)
        default: false
        }
    }

    private struct Filter: NodeFilter {
        private static let refusal = Refusal(
            name, ["node(s) didn't match PersistentVolume's node affinity"], isResolvable: false)
        let selectors: [NodeSelector]

        func refusal(of info: NodeInfo, at place: Int) -> Refusal? {
            selectors.allSatisfy { $0.matches(info.node) } ? nil : Self.refusal
        }
    }
}
