import KubeAPI
import KubeSchema

/// When a pod must leave a node with taints of effect NoExecute.
public enum TaintEviction {
    public enum Verdict: Sendable, Hashable {
        case stays
        /// nanoseconds since 1970; a time that has passed means now.
        case leaves(at: Int64)
    }

    /// - Parameter since: when the node's taints were first seen, for those that do not say when they were added.
    public static func judge(_ pod: APIObject, on node: APIObject, since: Int64) -> Verdict {
        guard !pod.isBeingDeleted else { return .stays }
        let tolerations = [Toleration](spec: pod.spec)
        var earliest: Int64?
        for json in node.spec?["taints"]?.array ?? [] {
            guard let taint = Taint(json: json), taint.effect == .noExecute else { continue }
            let matching = tolerations.filter { $0.tolerates(taint) }
            guard !matching.isEmpty else { return .leaves(at: 0) }
            guard let shortest = matching.compactMap(\.seconds).min() else { continue }
            let added = Timestamp.nanoseconds(json["timeAdded"]) ?? since
            let end = Timestamp.adding(seconds: max(0, shortest), to: added)
            earliest = min(earliest ?? end, end)
        }
        return earliest.map { .leaves(at: $0) } ?? .stays
    }

    /// A pod that was to leave at some time stays after all.
    public static func cancellation(of pod: APIObject) -> EventText {
        EventText("TaintManagerEviction", "Cancelling deletion of Pod \(pod.key)")
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
