import KubeAPI
import KubeSchema

/// A volume of a CSI driver as a node counts it; of one that is yet to be made the claim stands for it.
struct VolumeAttachment: Sendable, Hashable {
    let driver: String
    let volume: String
}

extension VolumeCatalogue {
    /// The volumes of CSI drivers that a pod has or will have.
    func attachments(of pod: Pod) -> Set<VolumeAttachment> {
        Set(pod.claimKeys.compactMap { key in claims[key].flatMap(attachment) })
    }

    private func attachment(_ claim: PersistentVolumeClaim) -> VolumeAttachment? {
        guard claim.volumeName.isEmpty else {
            guard let volume = volumes[claim.volumeName], !volume.driver.isEmpty else { return nil }
            return VolumeAttachment(driver: volume.driver, volume: volume.handle)
        }
        guard let driver = classes[claim.storageClass]?.provisioner else { return nil }
        return VolumeAttachment(driver: driver, volume: "\(claim.key)")
    }
}

/// How many volumes of each driver a node takes (storage.k8s.io/v1 CSINode).
public struct VolumeLimits: Sendable, Hashable {
    /// By driver; those without a limit are left out.
    let counts: [String: Int64]

    public init(json: JSONValue) {
        let drivers = json["spec"]?["drivers"]?.array ?? []
        counts = Dictionary(
            drivers.compactMap { driver in
                guard let name = driver["name"]?.string, let count = driver["allocatable"]?["count"]?.integer else {
                    return nil
                }
                return (name, count)
            }
        ) { $1 }
    }
}
