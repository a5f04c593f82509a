import KubeAPI
import SchedulerCore

/// What a pod takes of its node, as admission counts it.
public struct PodDemand: Sendable {
    let uid: String
    /// Nil for one that cannot be read, which takes nothing.
    let pod: Pod?
    let isStatic: Bool
    let isCritical: Bool
    let quality: QualityOfService
    let startedAt: Int64

    public init(_ declaration: PodDeclaration) {
        uid = declaration.uid
        pod = try? Pod(json: declaration.object.json)
        isStatic = StaticPod.isStatic(declaration.object)
        isCritical = declaration.isCritical
        quality = QualityOfService(declaration)
        startedAt = declaration.startTime ?? .max
    }

    /// Whether it may be ended so that `other` may start (kubelet's Preemptable).
    func isPreemptable(by other: PodDemand) -> Bool {
        if other.isCritical, !isCritical { return true }
        guard let mine = pod?.priority, let theirs = other.pod?.priority else { return false }
        return theirs > mine
    }
}
