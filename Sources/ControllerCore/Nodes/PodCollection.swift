import KubeAPI

/// Pods that nobody will end.
public enum PodCollection {
    /// Somebody has made sure that the machine runs nothing any more (KEP-2268).
    private static let outOfService = "node.kubernetes.io/out-of-service"

    /// Pods to be removed at once: whose node is gone, that end on a node out of service or without ever having had a
    /// node, and the oldest finished ones beyond the limit.
    ///
    /// - Parameters:
    ///   - isGone: whether a node has been gone for long enough.
    ///   - isOutOfService: as `isOutOfService(_:)` says of the node.
    public static func decide(
        _ pods: [APIObject], finishedLimit: Int, isGone: (String) -> Bool, isOutOfService: (String) -> Bool, now: Int64
    ) -> [[Write]] {
        var writes: [[Write]] = []
        var finished: [APIObject] = []
        for pod in pods {
            if !pod.nodeName.isEmpty, isGone(pod.nodeName) {
                writes.append(orphaned(pod, now))
            } else if pod.isBeingDeleted, !pod.nodeName.isEmpty, isOutOfService(pod.nodeName) {
                writes.append(failed(pod, pod.status?["conditions"]) + [removal(pod)])
            } else if pod.nodeName.isEmpty, pod.isBeingDeleted {
                writes.append([removal(pod)])
            } else if pod.hasFinished, !pod.isBeingDeleted {
                finished.append(pod)
            }
        }
        guard finishedLimit > 0, finished.count > finishedLimit else { return writes }
        // Evicted ones tell least.
        func rank(_ pod: APIObject) -> (Int, String, String) {
            (pod.status?["reason"]?.string == "Evicted" ? 0 : 1, pod.creationTimestamp, pod.name)
        }
        let oldest = finished.sorted { rank($0) < rank($1) }
        return writes + oldest.prefix(finished.count - finishedLimit).map { [removal($0)] }
    }

    /// Nodes that are ready are not, whatever their taints say.
    public static func isOutOfService(_ node: APIObject) -> Bool {
        NodeLifecycle.readiness(node) != "True"
            && (node.spec?["taints"]?.array ?? []).contains { $0["key"]?.string == outOfService }
    }

    private static func removal(_ pod: APIObject) -> Write {
        .delete(.pod, pod.key, DeletionOptions(uid: pod.uid, gracePeriodSeconds: 0))
    }

    private static func orphaned(_ pod: APIObject, _ now: Int64) -> [Write] {
        var status = pod.status ?? .emptyObject
        Conditions.set(
            Condition("DisruptionTarget", true, "DeletionByPodGC", "PodGC: node no longer exists"), in: &status,
            now: now)
        return failed(pod, status["conditions"]) + [removal(pod)]
    }

    /// It is said to have failed before it goes, so that its owner counts it.
    private static func failed(_ pod: APIObject, _ conditions: JSONValue?) -> [Write] {
        guard !pod.hasFinished else { return [] }
        let failed: JSONValue = [
            "metadata": ["uid": .string(pod.uid)],
            "status": ["phase": "Failed", "conditions": conditions ?? []],
        ]
        return [.patch(.pod, pod.key, .merge, failed, subresource: "status")]
    }
}
