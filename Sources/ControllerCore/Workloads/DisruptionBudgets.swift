import KubeAPI
import KubeSchema

/// PodDisruptionBudgets: how many pods may be evicted now.
public enum DisruptionBudgets {
    /// An eviction that was granted and whose pod is still there after this time was never made.
    static let evictionTime: Int64 = 120

    /// - Parameters:
    ///   - pods: at least those of the namespace that the selector matches.
    ///   - scale: how many pods the controller of a pod wants, with the controller's uid; nil when it does not say.
    public static func decide(
        _ budget: APIObject, pods: [APIObject], scale: (APIObject) -> (uid: String, replicas: Int64)?, now: Int64
    ) -> Decision {
        guard !budget.isBeingDeleted else { return Decision() }
        let selector = (try? LabelSelector(json: budget.spec?["selector"])) ?? .nothing
        let mine = pods.filter { selector.matches(labels: $0.labels) && $0.isActivePod }
        let disrupted = disrupted(budget, mine, now)
        let healthy = mine.filter { $0.isReadyPod && disrupted[$0.name] == nil }.count
        let expected: Int64
        let desired: Int64
        let unmanaged: Bool
        do { (expected, desired, unmanaged) = try numbers(budget, mine, scale) } catch {
            return refuse(budget, error, now)
        }
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
        if mine.isEmpty { decision.events.append(EventText("NoPods", "No matching pods found")) }
        if unmanaged { decision.events.append(unmanagedText(selector)) }
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

    /// Pods of a controller that does not say how many it wants.
    private struct UnknownNumber: Error {
        let pod: String
    }

    /// Nothing is allowed while it is not known how many pods there are to be.
    private static func refuse(_ budget: APIObject, _ error: UnknownNumber, _ now: Int64) -> Decision {
        let why = "found no controllers for pod \"\(error.pod)\""
        var status = budget.status ?? .emptyObject
        status[path: "disruptionsAllowed"] = 0
        let observed = status["observedGeneration"] ?? 0
        Conditions.set(
            Condition("DisruptionAllowed", false, "SyncFailed", why), in: &status, now: now,
            extra: [.init("observedGeneration", observed)])
        let text = "Failed to calculate the number of expected pods: \(why)"
        return Decision(
            budget.changing(status: status).map { [Action(.updateStatus(.podDisruptionBudget, $0))] } ?? [],
            events: [EventText(.warning, "CalculateExpectedPodCountFailed", text)])
    }

    private static func unmanagedText(_ selector: LabelSelector) -> EventText {
        EventText(
            .warning, "UnmanagedPods",
            "Pods selected by this PodDisruptionBudget (selector: \(selector)) were found to be unmanaged. As a result, the "
                + "status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account "
                + "for these pods please set \".spec.minAvailable\" field of the PDB to an integer value.")
    }

    /// Pods without a controller do not count, unless the budget only counts.
    private static func numbers(
        _ budget: APIObject, _ pods: [APIObject], _ scale: (APIObject) -> (uid: String, replicas: Int64)?
    ) throws(UnknownNumber) -> (expected: Int64, desired: Int64, unmanaged: Bool) {
        let count = Int64(pods.count)
        let maximum = budget.spec?["maxUnavailable"]
        let minimum = budget.spec?["minAvailable"] ?? 1
        if maximum == nil, case .integer(let number) = minimum { return (count, max(0, number), false) }
        var owners: [String: Int64] = [:]
        let managed = pods.filter { $0.controller != nil }
        for pod in managed {
            guard let owner = scale(pod) else { throw UnknownNumber(pod: pod.name) }
            owners[owner.uid] = owner.replicas
        }
        let expected = owners.values.reduce(0, +)
        let unmanaged = managed.count < pods.count
        if let maximum {
            let spare = IntOrPercent.scaled(maximum, of: expected, roundingUp: true) ?? 0
            return (expected, max(0, expected - spare), unmanaged)
        }
        return (expected, IntOrPercent.scaled(minimum, of: expected, roundingUp: true) ?? expected, unmanaged)
    }
}
