import KubeAPI
import KubeSchema

/// PodDisruptionBudgets: how many pods may be evicted now.
public enum DisruptionBudgets {
    /// An eviction that was granted and whose pod is still there after this time was never made.
    static let evictionTime: Int64 = 120

    /// - Parameters:
    ///   - pods: at least those of the namespace that the selector matches.
    ///   - scale: how many pods the owner of a pod wants, with the owner's uid; nil when it has none that is known.
    public static func decide(
        _ budget: APIObject, pods: [APIObject], scale: (APIObject) -> (uid: String, replicas: Int64)?, now: Int64
    ) -> Decision {
        guard !budget.isBeingDeleted else { return Decision() }
        let selector = (try? LabelSelector(json: budget.spec?["selector"])) ?? .nothing
        let mine = pods.filter { selector.matches(labels: $0.labels) && $0.isActivePod }
        let disrupted = disrupted(budget, mine, now)
        let healthy = mine.filter { $0.isReadyPod && disrupted[$0.name] == nil }.count
        let (expected, desired) = numbers(budget, mine, scale)
        let allowed = expected > 0 ? max(0, Int64(healthy) - desired) : 0
        var status = budget.status ?? .emptyObject
        for (field, number) in [
            ("currentHealthy", Int64(healthy)), ("desiredHealthy", desired), ("expectedPods", expected),
            ("disruptionsAllowed", allowed), ("observedGeneration", budget.generation),
        ] { status[path: field] = .integer(number) }
        let list = disrupted.sorted { $0.key < $1.key }.map { JSONObject.Member($0.key, $0.value) }
        status[path: "disruptedPods"] = list.isEmpty ? nil : .object(JSONObject(list))
        Conditions.set(
            Condition("DisruptionAllowed", allowed > 0, allowed > 0 ? "SufficientPods" : "InsufficientPods"),
            in: &status, now: now, extra: [.init("observedGeneration", .integer(budget.generation))])
        var decision = Decision()
        if !disrupted.isEmpty { decision.look(after: .seconds(evictionTime)) }
        if let changed = budget.changing(status: status) {
            decision.perform(.updateStatus(.podDisruptionBudget, changed))
        }
        return decision
    }

    /// The active pods of a budget that says how many may be missing of those that are wanted, so that their owners must
    /// say how many that are; none of one that only counts.
    public static func podsToScale(_ budget: APIObject, pods: [APIObject]) -> [APIObject] {
        if budget.spec?["maxUnavailable"] == nil, case .integer = budget.spec?["minAvailable"] ?? 1 { return [] }
        let selector = (try? LabelSelector(json: budget.spec?["selector"])) ?? .nothing
        return pods.filter { selector.matches(labels: $0.labels) && $0.isActivePod }
    }

    /// Pods whose eviction was granted and that are about to go.
    private static func disrupted(_ budget: APIObject, _ pods: [APIObject], _ now: Int64) -> [String: JSONValue] {
        var left: [String: JSONValue] = [:]
        for member in budget.status?["disruptedPods"]?.object?.members ?? [] {
            guard pods.contains(where: { $0.name == member.key }), let time = Timestamp.nanoseconds(member.value),
                Timestamp.adding(seconds: evictionTime, to: time) > now
            else { continue }
            left[member.key] = member.value
        }
        return left
    }

    private static func numbers(
        _ budget: APIObject, _ pods: [APIObject], _ scale: (APIObject) -> (uid: String, replicas: Int64)?
    ) -> (expected: Int64, desired: Int64) {
        let count = Int64(pods.count)
        let maximum = budget.spec?["maxUnavailable"]
        let minimum = budget.spec?["minAvailable"] ?? 1
        if maximum == nil, case .integer(let number) = minimum { return (count, max(0, number)) }
        var owners: [String: Int64] = [:]
        var alone: Int64 = 0
        for pod in pods {
            if let owner = scale(pod) { owners[owner.uid] = owner.replicas } else { alone += 1 }
        }
        let expected = owners.values.reduce(alone, +)
        if let maximum {
            let spare = IntOrPercent.scaled(maximum, of: expected, roundingUp: true) ?? 0
            return (expected, max(0, expected - spare))
        }
        return (expected, IntOrPercent.scaled(minimum, of: expected, roundingUp: true) ?? expected)
    }
}
