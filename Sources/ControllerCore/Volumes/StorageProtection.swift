import KubeAPI

/// Claims and volumes that are in use stay, deleted or not, until they are in use no more.
public enum StorageProtection {
    private static let claimFinalizer = "kubernetes.io/pvc-protection"
    private static let volumeFinalizer = "kubernetes.io/pv-protection"

    /// The claims that a pod keeps in use: once it has a node and until it has ended.
    public static func claims(of pod: APIObject) -> [NamespacedName] {
        guard !pod.nodeName.isEmpty, !pod.hasFinished else { return [] }
        return (pod.spec?["volumes"]?.array ?? []).compactMap { volume in
            var name = volume["persistentVolumeClaim"]?["claimName"]?.string
            if volume["ephemeral"]?.object != nil, let own = volume["name"]?.string { name = "\(pod.name)-\(own)" }
            return name.map { NamespacedName(namespace: pod.namespace, name: $0) }
        }
    }

    public static func isWaiting(_ claim: APIObject) -> Bool {
        claim.isBeingDeleted && claim.finalizers.contains(claimFinalizer)
    }

    /// - Parameter pods: of the claim's namespace.
    public static func decide(claim: APIObject, pods: [APIObject]) -> Decision {
        let isInUse = pods.contains { claims(of: $0).contains(claim.key) }
        return decide(claim, .persistentVolumeClaim, claimFinalizer, isInUse: isInUse)
    }

    public static func decide(volume: APIObject) -> Decision {
        decide(volume, .persistentVolume, volumeFinalizer, isInUse: volume.status?["phase"]?.string == "Bound")
    }

    private static func decide(_ object: APIObject, _ kind: APIKind, _ finalizer: String, isInUse: Bool) -> Decision {
        let has = object.finalizers.contains(finalizer)
        var finalizers = object.finalizers
        switch (object.isBeingDeleted, has) {
        case (true, true) where !isInUse: finalizers.removeAll { $0 == finalizer }
        case (false, false): finalizers.append(finalizer)
        default: return Decision()
        }
        return Decision([Action(.finalizers(kind, object, finalizers))])
    }
}
