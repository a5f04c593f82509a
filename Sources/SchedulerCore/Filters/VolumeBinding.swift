import KubeAPI
import KubeSchema

/// A pod's claims must be bound to volumes that the node reaches (PersistentVolume's spec.nodeAffinity), or there must be
/// volumes to bind them to (KEP-490, WaitForFirstConsumer).
enum VolumeBinding: FilterPlugin {
    static let name = PluginName.volumeBinding

    static func prepare(_ pod: Pod, in cluster: inout Cluster, profile: Profile) -> FilterPreparation {
        guard !pod.claims.isEmpty else { return .skip }
        do throws(VolumeNeeds.Refusal) {
            let needs = try VolumeNeeds(pod, cluster.storage)
            return needs.isEmpty ? .skip : .check(Filter(needs: needs))
        } catch {
            return .refuse(Refusal(name, [error.reason], isResolvable: false))
        }
    }

    static func isHelped(_ pod: Pod, by event: ClusterEvent) -> Bool {
        switch event {
        case .nodeAdded: true
        case .nodeChanged(let old, let new): old.labels != new.labels
        case .volumeChanged, .storageClassChanged: true
        case .claimChanged(let key):
            key.namespace == pod.key.namespace && pod.claims.contains { $0.name == key.name }
        default: false
        }
    }

    private struct Filter: NodeFilter {
        let needs: VolumeNeeds

        func refusal(of info: NodeInfo, at place: Int) -> Refusal? {
            switch needs.verdict(of: info.node) {
            case .fits: nil
            case .refused(let reasons): Refusal(name, reasons, isResolvable: false)
            }
        }
    }
}

extension Cluster {
    /// What is to be written before the pod can go to a node that suits it.
    func volumePlan(for pod: Pod, on node: String) -> VolumePlan {
        guard !pod.claims.isEmpty, let node = self.node(node), let needs = try? VolumeNeeds(pod, storage),
            case .fits(let plan) = needs.verdict(of: node)
        else { return VolumePlan() }
        return plan
    }
}
