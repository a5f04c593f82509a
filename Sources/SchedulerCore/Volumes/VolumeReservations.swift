import KubeAPI

/// Volume plans of pods whose volumes are being bound.
struct VolumeReservations: Sendable {
    private struct Reservation: Sendable {
        let plan: VolumePlan
        let node: String
    }

    private var byPod: [NamespacedName: Reservation] = [:]
    private var podsByClaim: [NamespacedName: Set<NamespacedName>] = [:]
    private var podsByVolume: [String: Set<NamespacedName>] = [:]

    mutating func add(_ plan: VolumePlan, on node: String, for pod: NamespacedName) {
        remove(pod)
        byPod[pod] = Reservation(plan: plan, node: node)
        for claim in plan.claims { podsByClaim[claim.key, default: []].insert(pod) }
        for match in plan.matches { podsByVolume[match.volume.name, default: []].insert(pod) }
    }

    mutating func remove(_ pod: NamespacedName) {
        guard let old = byPod.removeValue(forKey: pod) else { return }
        for claim in old.plan.claims { Self.remove(pod, from: &podsByClaim, claim.key) }
        for match in old.plan.matches { Self.remove(pod, from: &podsByVolume, match.volume.name) }
    }

    private static func remove<Key: Hashable>(
        _ pod: NamespacedName, from pods: inout [Key: Set<NamespacedName>], _ key: Key
    ) {
        pods[key]?.remove(pod)
        if pods[key]?.isEmpty == true { pods[key] = nil }
    }

    // MARK: - Questions

    func contains(_ pod: NamespacedName) -> Bool { byPod[pod] != nil }
    func pods(ofClaim key: NamespacedName) -> Set<NamespacedName> { podsByClaim[key] ?? [] }
    func pods(ofVolume name: String) -> Set<NamespacedName> { podsByVolume[name] ?? [] }
    func hasVolume(_ name: String) -> Bool { podsByVolume[name] != nil }

    /// The volume that is reserved for a claim.
    func volume(of claim: NamespacedName) -> String? {
        reservation(of: claim) { reservation in
            reservation.plan.matches.first { $0.claim.key == claim }?.volume.name
        }
    }

    /// The node at which a provisioner is about to be asked for a claim's volume.
    func node(of claim: NamespacedName) -> String? {
        reservation(of: claim) { reservation in
            reservation.plan.provisions.contains { $0.key == claim } ? reservation.node : nil
        }
    }

    private func reservation(of claim: NamespacedName, _ part: (Reservation) -> String?) -> String? {
        for pod in podsByClaim[claim] ?? [] {
            if let part = byPod[pod].flatMap(part) { return part }
        }
        return nil
    }
}
