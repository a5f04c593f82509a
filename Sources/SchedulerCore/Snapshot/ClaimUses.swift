import KubeAPI

/// How many placed pods have each PersistentVolumeClaim.
struct ClaimUses: Sendable {
    private var counts: [NamespacedName: Int] = [:]

    func count(_ claim: NamespacedName) -> Int { counts[claim] ?? 0 }

    mutating func change(_ pod: Pod, by change: Int) {
        for claim in pod.claimKeys {
            let count = count(claim) + change
            counts[claim] = count == 0 ? nil : count
        }
    }
}
