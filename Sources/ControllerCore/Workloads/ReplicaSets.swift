import KubeAPI
import KubeSchema

/// ReplicaSets, and ReplicationControllers, which are the same but for their name.
public enum ReplicaSets {
    /// Pods made or deleted in one go.
    static let burst = 500

    /// What is to be done about the number of pods.
    public struct Scaling: Sendable, Hashable {
        /// All alike.
        public var creations: [Action] = []
        public var deletions: [Action] = []
        /// uids of what `deletions` deletes.
        public var deletedUIDs: [String] = []
    }

    public static func selector(_ set: APIObject, _ kind: APIKind) -> LabelSelector {
        guard kind == .replicationController else { return .of(set) }
        let labels = set.spec?["selector"]
        return labels?.object?.members.isEmpty == false ? LabelSelector(labels: labels) : .nothing
    }

    /// - Parameters:
    ///   - pods: those the set owns.
    ///   - related: the pods of all sets of the set's owner, its own among them; asked for only when some are to go.
    public static func scale(
        _ set: APIObject, _ kind: APIKind, pods: [APIObject], related: () -> [APIObject] = { [] }
    ) -> Scaling {
        var scaling = Scaling()
        guard !set.isBeingDeleted else { return scaling }
        let active = pods.filter(\.isActivePod)
        let wanted = replicas(set)
        if active.count < wanted {
            let action = creation(set, kind)
            scaling.creations = Array(repeating: action, count: min(wanted - active.count, burst))
        } else if active.count > wanted {
            let surplus = min(active.count - wanted, burst)
            var companions: [String: Int] = [:]
            for pod in related() where pod.isActivePod { companions[pod.nodeName, default: 0] += 1 }
            let victims = RemovalRank.first(surplus, of: active) { companions[$0] ?? 0 }
            scaling.deletions = victims.map(deletion)
            scaling.deletedUIDs = victims.map(\.uid)
        }
        return scaling
    }

    private static func replicas(_ set: APIObject) -> Int { Int(clamping: max(0, set.spec?["replicas"]?.integer ?? 1)) }

    private static func creation(_ set: APIObject, _ kind: APIKind) -> Action {
        Action(
            .create(.pod, namespace: set.namespace, PodTemplate.pod(set.spec?["template"], owner: set, kind)),
            success: EventText("SuccessfulCreate", "Created pod: {name}"),
            failure: EventText(.warning, "FailedCreate", "Error creating: {error}"))
    }

    private static func deletion(_ pod: APIObject) -> Action {
        Action(
            .delete(.pod, pod), success: EventText("SuccessfulDelete", "Deleted pod: {name}"),
            failure: EventText(.warning, "FailedDelete", "Error deleting: {error}"))
    }

    /// What a set says of itself, and when it changes by time alone.
    ///
    /// - Parameter failure: why pods could not be made or deleted; nil when they could.
    public static func status(
        _ set: APIObject, _ kind: APIKind, pods: [APIObject], failure: Condition? = nil, now: Int64
    ) -> Decision {
        let active = pods.filter(\.isActivePod)
        let template = LabelSelector(labels: set.spec?["template"]?["metadata"]?["labels"])
        let minimum = max(0, set.spec?["minReadySeconds"]?.integer ?? 0)
        let available = active.count { $0.isAvailablePod(minReadySeconds: minimum, now: now) }
        var status = set.status ?? .emptyObject
        func put(_ field: String, _ count: Int) { status[path: field] = .integer(Int64(count)) }
        put("replicas", active.count)
        put("fullyLabeledReplicas", active.count { template.matches(labels: $0.labels) })
        put("readyReplicas", active.count(where: \.isReadyPod))
        put("availableReplicas", available)
        if kind == .replicaSet { put("terminatingReplicas", pods.count { $0.isBeingDeleted && !$0.hasFinished }) }
        status[path: "observedGeneration"] = .integer(set.generation)
        if let failure {
            Conditions.set(failure, in: &status, now: now)
        } else {
            Conditions.remove("ReplicaFailure", from: &status)
        }
        var decision = Decision()
        if let changed = set.changing(status: status) { decision.perform(.updateStatus(kind, changed)) }
        if let next = nextAvailability(active, minimum, now) { decision.look(after: next) }
        return decision
    }

    /// When the next ready pod has been so for long enough.
    static func nextAvailability(_ pods: [APIObject], _ minReadySeconds: Int64, _ now: Int64) -> Duration? {
        guard minReadySeconds > 0 else { return nil }
        let times = pods.compactMap(\.readySince).map { Timestamp.adding(seconds: minReadySeconds, to: $0) }
        return times.filter { $0 > now }.min().map { Timestamp.wait(from: now, until: $0) }
    }

    public static func failure(creating: Bool, _ error: String) -> Condition {
        Condition("ReplicaFailure", true, creating ? "FailedCreate" : "FailedDelete", error)
    }
}
