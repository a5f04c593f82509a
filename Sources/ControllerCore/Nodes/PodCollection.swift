import KubeAPI

/// Pods that nobody will end.
public enum PodCollection {
    /// Pods to be removed at once: whose node is gone, that end without ever having had a node, and the oldest finished
    /// ones beyond the limit.
    ///
    /// - Parameter isGone: whether a node has been gone for long enough.
    public static func decide(
        _ pods: [APIObject], finishedLimit: Int, isGone: (String) -> Bool, now: Int64
    ) -> [[Write]] {
        var writes: [[Write]] = []
        var finished: [APIObject] = []
        for pod in pods {
            if !pod.nodeName.isEmpty, isGone(pod.nodeName) {
                writes.append(orphaned(pod, now))
            } else if pod.nodeName.isEmpty, pod.isBeingDeleted {
                writes.append([removal(pod)])
            } else if pod.hasFinished, !pod.isBeingDeleted {
                finished.append(pod)
            }
        }
        guard finishedLimit > 0, finished.count > finishedLimit else { return writes }
        let oldest = finished.sorted { ($0.creationTimestamp, $0.name) < ($1.creationTimestamp, $1.name) }
        return writes + oldest.prefix(finished.count - finishedLimit).map { [removal($0)] }
    }

    private static func removal(_ pod: APIObject) -> Write {
        .delete(.pod, pod.key, DeletionOptions(uid: pod.uid, gracePeriodSeconds: 0))
    }

    /// It is said to have failed first, so that its owner counts it.
    private static func orphaned(_ pod: APIObject, _ now: Int64) -> [Write] {
        guard !pod.hasFinished else { return [removal(pod)] }
        var status = pod.status ?? .emptyObject
        Conditions.set(
            Condition("DisruptionTarget", true, "DeletionByPodGC", "PodGC: node no longer exists"), in: &status,
            now: now)
        let failed: JSONValue = [
            "metadata": ["uid": .string(pod.uid)],
            "status": ["phase": "Failed", "conditions": status["conditions"] ?? []],
        ]
        return [.patch(.pod, pod.key, .merge, failed, subresource: "status"), removal(pod)]
    }
}
