import KubeAPI

/// What controllers ask of a Pod.
extension APIObject {
    public var podPhase: String { status?["phase"]?.string ?? "" }
    public var nodeName: String { spec?["nodeName"]?.string ?? "" }
    public var hasFinished: Bool { podPhase == "Succeeded" || podPhase == "Failed" }
    /// It counts as one of its controller's pods: not finished, not being deleted.
    public var isActivePod: Bool { !hasFinished && !isBeingDeleted }
    public var isReadyPod: Bool { Conditions.isTrue("Ready", in: status) }

    /// Since when it has been ready; nil when it is not.
    public var readySince: Int64? {
        guard isReadyPod else { return nil }
        return Timestamp.nanoseconds(Conditions.find("Ready", in: status)?["lastTransitionTime"])
    }

    /// Ready for at least `minReadySeconds`.
    public func isAvailablePod(minReadySeconds: Int64, now: Int64) -> Bool {
        guard isReadyPod else { return false }
        guard minReadySeconds > 0 else { return true }
        guard let since = readySince else { return false }
        return Timestamp.adding(seconds: minReadySeconds, to: since) <= now
    }

    public var podIPs: [String] {
        let all = status?["podIPs"]?.array?.compactMap { $0["ip"]?.string } ?? []
        return all.isEmpty ? [status?["podIP"]?.string].compactMap { $0 } : all
    }

    /// Restarts of its containers, of the one restarted most.
    public var restartCount: Int64 {
        status?["containerStatuses"]?.array?.compactMap { $0["restartCount"]?.integer }.max() ?? 0
    }
}

/// In which order pods are removed when there are too many, as upstream's ActivePodsWithRanks: the least useful first.
public struct RemovalRank: Comparable {
    private let parts: [Int64]

    /// `companions` is how many pods of the same owner run on the pod's node.
    public init(_ pod: APIObject, companions: Int) {
        let phase: Int64 =
            switch pod.podPhase {
            case "Pending": 0
            case "Unknown": 1
            default: 2
            }
        let cost = pod.annotation("controller.kubernetes.io/pod-deletion-cost").flatMap { Int64($0) } ?? 0
        // Times are compared on a scale of powers of ten upstream; the order is what matters here.
        let readySince = pod.readySince ?? .max
        let created = Timestamp.nanoseconds(pod.metadata?["creationTimestamp"]) ?? 0
        parts = [
            pod.nodeName.isEmpty ? 0 : 1, phase, pod.isReadyPod ? 1 : 0, cost, -Int64(companions), -readySince,
            -pod.restartCount, -created,
        ]
    }

    public static func < (a: RemovalRank, b: RemovalRank) -> Bool {
        for (mine, its) in zip(a.parts, b.parts) where mine != its { return mine < its }
        return false
    }

    /// The `count` pods to remove first.
    public static func first(_ count: Int, of pods: [APIObject], companions: (String) -> Int) -> [APIObject] {
        guard count < pods.count else { return pods }
        let ranked = pods.map { ($0, RemovalRank($0, companions: companions($0.nodeName))) }
        return ranked.sorted { $0.1 != $1.1 ? $0.1 < $1.1 : $0.0.name < $1.0.name }.prefix(max(0, count)).map(\.0)
    }
}
