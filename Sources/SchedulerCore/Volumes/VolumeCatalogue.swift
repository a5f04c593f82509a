import KubeAPI
import KubeSchema

/// PersistentVolumes, claims and classes, with what is reserved for pods on their way to a node.
struct VolumeCatalogue: Sendable {
    private(set) var volumes: [String: PersistentVolume] = [:]
    private(set) var claims: [NamespacedName: PersistentVolumeClaim] = [:]
    private(set) var classes: [String: StorageClass] = [:]
    /// How many volumes of each driver a node takes, by the node's name.
    private(set) var limits: [String: [String: Int64]] = [:]
    private(set) var reservations = VolumeReservations()
    /// Names of volumes that nobody has, by storage class.
    private var free: [String: Set<String>] = [:]
    /// Names of volumes that are kept for a claim, by the claim.
    private var kept: [NamespacedName: Set<String>] = [:]

    mutating func set(_ volume: PersistentVolume) {
        removeVolume(volume.name)
        volumes[volume.name] = volume
        index(volume) { $0.insert(volume.name) }
    }

    mutating func removeVolume(_ name: String) {
        guard let old = volumes.removeValue(forKey: name) else { return }
        index(old) { $0.remove(name) }
    }

    private mutating func index(_ volume: PersistentVolume, _ change: (inout Set<String>) -> Void) {
        if let claim = volume.claim {
            Self.change(&kept, claim.key, change)
        } else {
            Self.change(&free, volume.storageClass, change)
        }
    }

    private static func change<Key: Hashable>(
        _ sets: inout [Key: Set<String>], _ key: Key, _ change: (inout Set<String>) -> Void
    ) {
        var names = sets.removeValue(forKey: key) ?? []
        change(&names)
        if !names.isEmpty { sets[key] = names }
    }

    mutating func set(_ claim: PersistentVolumeClaim) { claims[claim.key] = claim }
    mutating func removeClaim(_ key: NamespacedName) { claims[key] = nil }
    mutating func set(_ storageClass: StorageClass) { classes[storageClass.name] = storageClass }
    mutating func removeClass(_ name: String) { classes[name] = nil }

    /// nil when nothing is known of the node.
    mutating func set(_ limits: VolumeLimits?, ofNode name: String) {
        self.limits[name] = limits.flatMap { $0.counts.isEmpty ? nil : $0.counts }
    }

    mutating func reserve(_ plan: VolumePlan, on node: String, for pod: NamespacedName) {
        reservations.add(plan, on: node, for: pod)
    }

    mutating func release(_ pod: NamespacedName) { reservations.remove(pod) }

    // MARK: - Questions

    /// The volumes that the claim can have, the best first; the reserved one alone when there is one.
    func candidates(for claim: PersistentVolumeClaim) -> [PersistentVolume] {
        if let reserved = reservations.volume(of: claim.key) { return volumes[reserved].map { [$0] } ?? [] }
        let names = (free[claim.storageClass] ?? []).union(kept[claim.key] ?? [])
        let open = names.lazy.filter { !reservations.hasVolume($0) }
        return VolumeMatch.candidates(for: claim, among: open.compactMap { volumes[$0] })
    }

    /// Empty when none is selected.
    func selectedNode(of claim: PersistentVolumeClaim) -> String {
        claim.selectedNode.isEmpty ? reservations.node(of: claim.key) ?? "" : claim.selectedNode
    }
}
