import KubeAPI
import KubeSchema

/// pods/eviction: deletion that PodDisruptionBudgets may refuse (KEP-85).
enum PodEviction {
    enum Decision: Sendable {
        /// Nothing speaks against it.
        case evict
        /// One disruption less: the budget with its new status.
        case charge(budget: JSONValue)
        case refuse(Status)
    }

    /// `budgets`: all of the Pod's namespace. `now` in nanoseconds since 1970.
    static func decide(_ pod: JSONValue, budgets: [JSONValue], now: Int64) -> Decision {
        guard isProtected(pod) else { return .evict }
        let matching = budgets.filter { budget in
            guard let selector = try? LabelSelector(json: budget[path: "spec", "selector"]) else { return false }
            return selector.matches(labels: pod[path: "metadata", "labels"])
        }
        guard let budget = matching.first else { return .evict }
        guard matching.count == 1 else {
            return .refuse(
                Status(
                    code: 500, reason: "InternalError",
                    message:
                        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
                ))
        }
        return charge(budget, pod, now: now)
    }

    /// Pods that have ended, are going already, or were never started disturb nobody.
    private static func isProtected(_ pod: JSONValue) -> Bool {
        let phase = pod[path: "status", "phase"]?.string
        let hasEnded = phase == "Succeeded" || phase == "Failed" || phase == "Pending"
        return !hasEnded && pod[path: "metadata", "deletionTimestamp"] == nil
    }

    /// With the condition that says that it is evicted.
    static func marked(_ pod: JSONValue, now: Int64) -> JSONValue {
        var conditions = pod[path: "status", "conditions"]?.array ?? []
        let index = conditions.firstIndex { $0["type"] == "DisruptionTarget" }
        var condition: JSONValue = ["type": "DisruptionTarget"]
        if let generation = pod[path: "metadata", "generation"], generation != 0 {
            condition[path: "observedGeneration"] = generation
        }
        condition[path: "status"] = "True"
        condition[path: "lastProbeTime"] = .null
        condition[path: "lastTransitionTime"] = .string(RFC3339.text(nanoseconds: now, .seconds))
        condition[path: "reason"] = "EvictionByEvictionAPI"
        condition[path: "message"] = "Eviction API: evicting"
        if let index {
            if conditions[index]["status"] == "True" {
                condition[path: "lastTransitionTime"] = conditions[index]["lastTransitionTime"]
            }
            conditions[index] = condition
        } else {
            conditions.append(condition)
        }
        var pod = pod
        pod[path: "status", "conditions"] = .array(conditions)
        return pod
    }

    private static func isReady(_ pod: JSONValue) -> Bool {
        (pod[path: "status", "conditions"]?.array ?? []).contains { $0["type"] == "Ready" && $0["status"] == "True" }
    }

    private static func charge(_ budget: JSONValue, _ pod: JSONValue, now: Int64) -> Decision {
        let status = budget["status"]
        func count(_ field: String) -> Int64 { status?[field]?.integer ?? 0 }
        let name = budget[path: "metadata", "name"]?.string ?? ""
        if !isReady(pod) {
            let always = budget[path: "spec", "unhealthyPodEvictionPolicy"] == "AlwaysAllow"
            let isHealthy = count("currentHealthy") >= count("desiredHealthy") && count("desiredHealthy") > 0
            if always || isHealthy { return .evict }
        }
        guard (budget[path: "metadata", "generation"]?.integer ?? 0) <= count("observedGeneration") else {
            return .refuse(
                tooMany(name, "The disruption budget \(name) is still being processed by the server.", seconds: 10))
        }
        guard count("disruptionsAllowed") > 0 else {
            return .refuse(
                tooMany(
                    name,
                    "The disruption budget \(name) needs \(count("desiredHealthy")) healthy pods and has \(count("currentHealthy")) currently"
                ))
        }
        var charged = budget
        charged[path: "status", "disruptionsAllowed"] = .integer(count("disruptionsAllowed") - 1)
        let podName = pod[path: "metadata", "name"]?.string ?? ""
        charged[path: "status", "disruptedPods", podName] = .string(RFC3339.text(nanoseconds: now, .seconds))
        return .charge(budget: charged)
    }

    private static func tooMany(_ budget: String, _ why: String, seconds: Int? = nil) -> Status {
        Status(
            code: 429, reason: "TooManyRequests",
            message: "Cannot evict pod as it would violate the pod's disruption budget.", retryAfterSeconds: seconds,
            causes: [Status.Cause(reason: "DisruptionBudget", message: why)])
    }
}
