import KubeAPI

/// Pods that nobody counts any more: their Job is gone before they were done with. They are let go of, so that they can
/// go too.
public enum OrphanedJobPods {
    /// Whether a Job is counting the pod, or was.
    public static func isTracked(_ pod: APIObject) -> Bool { JobPods.isTracked(pod) }

    /// The Job that a pod says it is of.
    public static func job(of pod: APIObject) -> NamespacedName? {
        guard let owner = pod.controller, owner.kind == APIKind.job.kind else { return nil }
        return NamespacedName(namespace: pod.namespace, name: owner.name)
    }

    /// - Parameter job: the one of the name that the pod says; nil only when the server says that there is none.
    public static func decide(_ pod: APIObject, job: APIObject?) -> Decision {
        guard isTracked(pod), job == nil || job?.uid != pod.controller?.uid else { return Decision() }
        return Decision([Action(JobPods.untracked(pod))])
    }
}
