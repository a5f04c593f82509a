import KubeAPI
import KubeSchema

/// Volumes: what is heard of them, and pods whose claims get their volumes with the node.
///
///     place ──▶ prepareVolumes ──written──▶ wait for the binder or a provisioner ──all bound──▶ bind
///                     │ not taken                        │ taken back, or the profile's bindTimeoutSeconds are over
///                     ▼                                  ▼
///               bindingFailed                         abandon: the pod is tried again
extension SchedulingMachine {
    public mutating func set(_ volume: PersistentVolume, now: Int64) {
        cluster.storage.set(volume)
        lookAgain(cluster.storage.reservations.pods(ofVolume: volume.name))
        if let claim = volume.claim { lookAgain(cluster.storage.reservations.pods(ofClaim: claim.key)) }
        queue.react(to: .volumeChanged, now: now)
    }

    public mutating func removeVolume(_ name: String) {
        cluster.storage.removeVolume(name)
        lookAgain(cluster.storage.reservations.pods(ofVolume: name))
    }

    public mutating func set(_ claim: PersistentVolumeClaim, now: Int64) {
        cluster.storage.set(claim)
        lookAgain(cluster.storage.reservations.pods(ofClaim: claim.key))
        queue.react(to: .claimChanged(claim.key), now: now)
    }

    public mutating func removeClaim(_ key: NamespacedName) {
        cluster.storage.removeClaim(key)
        lookAgain(cluster.storage.reservations.pods(ofClaim: key))
    }

    public mutating func set(_ storageClass: StorageClass, now: Int64) {
        cluster.storage.set(storageClass)
        queue.react(to: .storageClassChanged, now: now)
    }

    public mutating func removeStorageClass(_ name: String) { cluster.storage.removeClass(name) }

    /// nil when the node's CSINode is gone.
    public mutating func set(_ limits: VolumeLimits?, ofNode name: String, now: Int64) {
        cluster.storage.set(limits, ofNode: name)
        queue.react(to: .volumeLimitsChanged, now: now)
    }

    // MARK: - Pods that wait for their volumes

    /// The server has taken what the pod's volume plan asks for.
    public mutating func volumesWritten(_ pod: Pod) {
        if volumeWaits.markWritten(pod) { volumeWaits.look(pod.key, in: cluster) }
    }

    mutating func prepareVolumes(_ binding: Binding, _ profile: Profile, now: Int64) -> Step {
        cluster.storage.reserve(binding.volumes, on: binding.node, for: binding.pod.key)
        volumeWaits.add(binding, deadline: now.addingClamped(profile.volumeBindTimeout))
        return .prepareVolumes(binding)
    }

    /// What is to be done for a pod that waits for its volumes no more.
    mutating func settledVolumes(now: Int64) -> Step? {
        guard let (binding, outcome) = volumeWaits.popSettled(now: now) else { return nil }
        switch outcome {
        case .done: return .bind(binding)
        case .failed(let reason):
            bindingFailed(binding.pod, now: now)
            return .abandon(binding, reason: reason)
        }
    }

    /// The pod is bound, or comes to nothing: its volumes can be another's.
    mutating func releaseVolumes(of pod: NamespacedName, now: Int64) {
        guard cluster.storage.reservations.contains(pod) else { return }
        volumeWaits.remove(pod)
        cluster.storage.release(pod)
        queue.react(to: .volumeChanged, now: now)
    }

    private mutating func lookAgain(_ pods: Set<NamespacedName>) {
        for pod in pods.sorted() { volumeWaits.look(pod, in: cluster) }
    }
}
