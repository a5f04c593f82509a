/// Which volumes suit a claim (upstream's FindMatchingVolume).
public enum VolumeMatch {
    /// Why a volume does not suit a claim, in upstream's words.
    public enum Mismatch: String, Sendable {
        case size = "requested PV is too small"
        case storageClass = "storageClassName does not match"
        case volumeMode = "incompatible volumeMode"
        case accessModes = "incompatible accessMode"
    }

    /// What forbids the claim to have the volume even if a user wants it so; nil when nothing does.
    public static func mismatch(_ claim: PersistentVolumeClaim, _ volume: PersistentVolume) -> Mismatch? {
        if volume.capacity < claim.request { return .size }
        if volume.storageClass != claim.storageClass { return .storageClass }
        if volume.volumeMode != claim.volumeMode { return .volumeMode }
        if !claim.accessModes.isSubset(of: volume.accessModes) { return .accessModes }
        return nil
    }

    /// The volumes that the claim can have, the best first: the one that is kept for it if there is one; otherwise those
    /// that nobody has, with the fewest other uses, the smallest, by name. Nodes are not looked at.
    public static func candidates(
        for claim: PersistentVolumeClaim, among volumes: some Sequence<PersistentVolume>
    ) -> [PersistentVolume] {
        var free: [PersistentVolume] = []
        var kept: [PersistentVolume] = []
        for volume in volumes where !volume.isTerminating && mismatch(claim, volume) == nil {
            if volume.isKept(for: claim) {
                kept.append(volume)
            } else if volume.claim == nil, volume.phase == "Available", claim.selector.matches(volume.labels) {
                free.append(volume)
            }
        }
        return (kept.isEmpty ? free : kept).sorted(by: isBetter)
    }

    private static func isBetter(_ a: PersistentVolume, _ b: PersistentVolume) -> Bool {
        if a.accessModes.count != b.accessModes.count { return a.accessModes.count < b.accessModes.count }
        return a.capacity != b.capacity ? a.capacity < b.capacity : a.name < b.name
    }
}
