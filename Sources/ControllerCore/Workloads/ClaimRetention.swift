import KubeAPI

/// `persistentVolumeClaimRetentionPolicy` of a StatefulSet (KEP-1847).
struct ClaimRetention {
    private let set: APIObject
    private let goesWithSet: Bool
    private let goesWithPod: Bool

    init(_ set: APIObject) {
        self.set = set
        let policy = set.spec?["persistentVolumeClaimRetentionPolicy"]
        goesWithSet = policy?["whenDeleted"]?.string == "Delete"
        goesWithPod = policy?["whenScaled"]?.string == "Delete"
    }

    /// The claim goes when its pod has gone.
    static func isGoing(_ claim: APIObject) -> Bool {
        claim.isBeingDeleted || references(claim).contains { $0["kind"]?.string == "Pod" }
    }

    private static func references(_ claim: APIObject) -> [JSONValue] {
        claim.metadata?["ownerReferences"]?.array ?? []
    }

    /// Gives the claim the owner that it is to go with; nil when it has it, or has none and needs none.
    func write(_ claim: APIObject, pod: APIObject, isCondemned: Bool) -> Write? {
        let known = Self.references(claim)
        let others = known.filter { reference in
            reference["uid"]?.string != set.uid
                && !(reference["kind"]?.string == "Pod" && reference["name"]?.string == pod.name)
        }
        var owner: OwnerReference?
        if isCondemned, goesWithPod {
            owner = OwnerReference(pod, .pod)
        } else if goesWithSet {
            owner = OwnerReference(set, .statefulSet)
        }
        // Another's claim stays that.
        if owner != nil, others.contains(where: { $0["controller"]?.bool == true }) { owner = nil }
        let isRight =
            known.count == others.count + (owner == nil ? 0 : 1)
            && (owner.map { owner in known.contains { $0["uid"]?.string == owner.uid } } ?? true)
        guard !isRight, !claim.isBeingDeleted else { return nil }
        return .patch(
            .persistentVolumeClaim, claim.key, .merge,
            [
                "metadata": [
                    "uid": .string(claim.uid), "resourceVersion": .string(claim.resourceVersion),
                    "ownerReferences": .array(others + [owner?.json].compactMap { $0 }),
                ]
            ])
    }
}
