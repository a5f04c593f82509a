import KubeAPI

/// How often each index of a Job with `backoffLimitPerIndex` has failed: each pod bears the number of those before it.
struct IndexFailures {
    private static let countedKey = "batch.kubernetes.io/job-index-failure-count"
    private static let ignoredKey = "batch.kubernetes.io/job-index-ignored-failure-count"

    /// The failed pod with the most failures before it, by index.
    private var last: [Int: APIObject] = [:]
    /// The most failures that a pod of an index bears.
    private var most: [Int: Int] = [:]

    init() {}

    init(_ pods: [APIObject], waitsForEnd: Bool) {
        for pod in pods {
            guard let index = JobPods.index(pod) else { continue }
            most[index] = max(most[index] ?? 0, Self.all(pod))
            guard JobPods.isTracked(pod), JobPods.hasFailed(pod, waitsForEnd: waitsForEnd) else { continue }
            if let known = last[index], Self.all(known) >= Self.all(pod) { continue }
            last[index] = pod
        }
    }

    var count: Int { last.count }

    /// Failures before the pod that count.
    static func counted(_ pod: APIObject) -> Int { number(countedKey, pod) }

    private static func all(_ pod: APIObject) -> Int {
        counted(pod).addingReportingOverflow(number(ignoredKey, pod)).partialValue
    }

    private static func number(_ key: String, _ pod: APIObject) -> Int {
        max(0, pod.annotation(key).flatMap { Int($0) } ?? 0)
    }

    /// No pod of the index knows of more failures.
    func isLast(_ pod: APIObject, of index: Int) -> Bool { most[index] ?? 0 <= Self.all(pod) }

    /// Writes on a new pod how many of its index have failed.
    func note(on pod: inout JSONValue, index: Int, isIgnored: (APIObject) -> Bool) {
        let before = last[index]
        let wasIgnored = before.map(isIgnored) ?? false
        func put(_ key: String, _ isThis: Bool) {
            let number = before.map { Self.number(key, $0) + (isThis ? 1 : 0) } ?? 0
            if number > 0 || key == Self.countedKey {
                pod[path: "metadata", "annotations", key] = .string(String(number))
            }
        }
        put(Self.countedKey, !wasIgnored)
        put(Self.ignoredKey, wasIgnored)
    }

    /// What is left of the time to wait before the index is tried again.
    func backoff(of index: Int, now: Int64) -> Duration? {
        guard let pod = last[index], let end = JobPods.finished(pod) else { return nil }
        return Jobs.backoff(failures: Self.all(pod) + 1, last: end, now: now)
    }
}
