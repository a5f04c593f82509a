import KubeAPI

/// Pods that were said to be disrupted, and were not: an eviction that was announced and never made.
public enum StaleDisruptions {
    /// Seconds in which the announced deletion must come.
    static let patience: Int64 = 120

    /// Whether the pod is announced to go, by anybody but its node, whose pods end in their own time.
    public static func isAnnounced(_ pod: APIObject) -> Bool {
        let condition = Conditions.find("DisruptionTarget", in: pod.status)
        return pod.isActivePod && condition?["status"]?.string == "True"
            && condition?["reason"]?.string != "TerminationByKubelet"
    }

    public static func decide(_ pod: APIObject, now: Int64) -> Decision {
        guard isAnnounced(pod) else { return Decision() }
        let condition = Conditions.find("DisruptionTarget", in: pod.status)
        let announced = Timestamp.nanoseconds(condition?["lastTransitionTime"]) ?? 0
        let end = Timestamp.adding(seconds: patience, to: announced)
        guard end <= now else { return Decision(requeueAfter: Timestamp.wait(from: now, until: end)) }
        var status = pod.status ?? .emptyObject
        Conditions.set(Condition("DisruptionTarget", false), in: &status, now: now)
        return Decision([
            Action(
                .patch(
                    .pod, pod.key, .merge,
                    [
                        "metadata": ["uid": .string(pod.uid), "resourceVersion": .string(pod.resourceVersion)],
                        "status": ["conditions": status["conditions"] ?? []],
                    ], subresource: "status"))
        ])
    }
}
