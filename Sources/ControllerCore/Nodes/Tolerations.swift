import KubeAPI

/// Taints of nodes against tolerations of pods.
enum Tolerations {
    static func tolerates(_ tolerations: [JSONValue], _ taint: JSONValue) -> Bool {
        tolerations.contains { tolerates($0, taint) }
    }

    static func tolerates(_ toleration: JSONValue, _ taint: JSONValue) -> Bool {
        if let effect = toleration["effect"]?.string, !effect.isEmpty, effect != taint["effect"]?.string {
            return false
        }
        let key = toleration["key"]?.string ?? ""
        guard key.isEmpty || key == taint["key"]?.string else { return false }
        switch toleration["operator"]?.string ?? "Equal" {
        case "Exists": return true
        case "Equal", "": return !key.isEmpty && (toleration["value"]?.string ?? "") == (taint["value"]?.string ?? "")
        default: return false
        }
    }

    static func of(_ podSpec: JSONValue?) -> [JSONValue] { podSpec?["tolerations"]?.array ?? [] }

    static func taints(_ node: APIObject, _ effects: Set<String>) -> [JSONValue] {
        (node.spec?["taints"]?.array ?? []).filter { effects.contains($0["effect"]?.string ?? "") }
    }
}

/// When a pod must leave a node with taints of effect NoExecute.
public enum TaintEviction {
    public enum Verdict: Sendable, Hashable {
        case stays
        /// nanoseconds since 1970; a time that has passed means now.
        case leaves(at: Int64)
    }

    /// - Parameter since: when the node's taints were first seen, for those that do not say when they were added.
    public static func judge(_ pod: APIObject, on node: APIObject, since: Int64) -> Verdict {
        let taints = Tolerations.taints(node, ["NoExecute"])
        guard !taints.isEmpty, !pod.isBeingDeleted else { return .stays }
        let tolerations = Tolerations.of(pod.spec)
        var earliest: Int64?
        for taint in taints {
            let matching = tolerations.filter { Tolerations.tolerates($0, taint) }
            guard !matching.isEmpty else { return .leaves(at: 0) }
            let limits = matching.compactMap { $0["tolerationSeconds"]?.integer }
            guard let shortest = limits.min() else { continue }
            let added = Timestamp.nanoseconds(taint["timeAdded"]) ?? since
            let end = Timestamp.adding(seconds: max(0, shortest), to: added)
            earliest = min(earliest ?? end, end)
        }
        return earliest.map { .leaves(at: $0) } ?? .stays
    }

    public static func eviction(of pod: APIObject, now: Int64) -> [Write] {
        var status = pod.status ?? .emptyObject
        Conditions.set(
            Condition(
                "DisruptionTarget", true, "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint"),
            in: &status, now: now)
        return [
            .patch(
                .pod, pod.key, .merge,
                [
                    "metadata": ["uid": .string(pod.uid)],
                    "status": ["conditions": status["conditions"] ?? []],
                ], subresource: "status"), .delete(.pod, pod),
        ]
    }
}
