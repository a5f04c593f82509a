import KubeAPI
import KubeSchema

/// What is to be written before a pod whose claims have no volumes yet can go to its node.
public struct VolumePlan: Sendable, Hashable {
    /// A volume that is to be kept for a claim.
    public struct Match: Sendable, Hashable {
        public let claim: PersistentVolumeClaim
        public let volume: PersistentVolume
    }

    public internal(set) var matches: [Match] = []
    /// Claims for which a provisioner is to make volumes that the node reaches.
    public internal(set) var provisions: [PersistentVolumeClaim] = []

    public var isEmpty: Bool { matches.isEmpty && provisions.isEmpty }

    var claims: [PersistentVolumeClaim] { matches.map(\.claim) + provisions }
}
