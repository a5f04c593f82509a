import KubeAPI

/// Jobs: pods that come to an end, counted exactly once each.
///
/// A pod bears a finalizer until it is counted: its uid is first noted in the status (`uncountedTerminatedPods`), then
/// the finalizer is taken off, and only when that is seen does the uid become part of a counter. Whoever crashes when,
/// no pod is lost or counted twice (KEP-2307).
public enum Jobs {
    /// What its pods bear until they are counted.
    public static let finalizer = JobPods.finalizer
    /// Pods made, deleted or counted in one go.
    static let burst = 500
    static let firstBackoff: Int64 = 10
    static let longestBackoff: Int64 = 600

    public struct Plan: Sendable, Hashable {
        /// In this order, before anything else.
        public var decision = Decision()
        /// Finalizers to take off, once the status is written.
        public var releases: [Action] = []
        public var creations: [Action] = []
        public var deletions: [Action] = []
        public var deletedUIDs: [String] = []
    }

    /// What is left of the time to wait after the last of some failures.
    static func backoff(failures: Int, last: Int64, now: Int64) -> Duration? {
        let seconds = min(firstBackoff << Int64(min(max(failures, 1) - 1, 10)), longestBackoff)
        let end = Timestamp.adding(seconds: seconds, to: last)
        return end > now ? Timestamp.wait(from: now, until: end) : nil
    }

    /// Not another controller's (KEP-4368).
    public static func isOurs(_ job: APIObject) -> Bool {
        [nil, "kubernetes.io/job-controller"].contains(job.spec?["managedBy"]?.string)
    }

    public static func isFinished(_ job: APIObject) -> Bool {
        Conditions.isTrue("Complete", in: job.status) || Conditions.isTrue("Failed", in: job.status)
    }

    /// - Parameter isSettled: whether everything that was asked for has been seen.
    public static func decide(_ job: APIObject, pods: [APIObject], isSettled: Bool, now: Int64) -> Plan {
        var progress = JobProgress(job, pods: pods, now: now)
        if isFinished(job) || job.isBeingDeleted { return progress.cleaned() }
        progress.count()
        progress.conclude()
        if !progress.isEnding, isSettled { progress.manage() }
        progress.report()
        return progress.plan
    }
}

/// One look at a job in the making.
struct JobProgress {
    let job: APIObject
    let pods: [APIObject]
    let now: Int64
    var status: JSONValue
    var plan = Jobs.Plan()

    let isIndexed: Bool
    let waitsForEnd: Bool
    let completions: Int?
    let parallelism: Int
    var completed: JobIndexes
    var failedIndexes: JobIndexes
    var succeeded: Int
    var failed: Int
    /// Of Jobs with `backoffLimitPerIndex`: which pods of each index have failed last (KEP-3850).
    var failures = IndexFailures()
    /// Why the job has failed; nil when it has not.
    var failure: (reason: String, message: String)?

    init(_ job: APIObject, pods: [APIObject], now: Int64) {
        self.job = job
        self.pods = pods
        self.now = now
        status = job.status ?? .emptyObject
        isIndexed = job.spec?["completionMode"]?.string == "Indexed"
        waitsForEnd =
            job.spec?["podReplacementPolicy"]?.string == "Failed" || job.spec?["podFailurePolicy"] != nil
        completions = job.spec?["completions"]?.integer.map { Int(clamping: max(0, $0)) }
        parallelism = Int(clamping: max(0, job.spec?["parallelism"]?.integer ?? 1))
        let limit = completions ?? 0
        completed = JobIndexes(parsing: status["completedIndexes"]?.string ?? "", limit: limit)
        failedIndexes = JobIndexes(parsing: status["failedIndexes"]?.string ?? "", limit: limit)
        succeeded = Int(clamping: status["succeeded"]?.integer ?? 0)
        failed = Int(clamping: status["failed"]?.integer ?? 0)
        if perIndexLimit != nil { failures = IndexFailures(pods, waitsForEnd: waitsForEnd) }
    }

    var active: [APIObject] { pods.filter { $0.isActivePod } }
    var terminating: Int { pods.count { $0.isBeingDeleted && !$0.hasFinished } }
    var isSuspended: Bool { job.spec?["suspend"]?.bool ?? false }

    // MARK: - Counting

    /// Moves pods from running through `uncountedTerminatedPods` into the counters.
    mutating func count() {
        let tracked = Dictionary(pods.filter(JobPods.isTracked).map { ($0.uid, $0) }) { $1 }
        var waiting = uncounted("succeeded")
        var failing = uncounted("failed")
        let done = waiting.filter { tracked[$0] == nil }
        let lost = failing.filter { tracked[$0] == nil }
        if !isIndexed { succeeded += done.count }
        failed += lost.count
        waiting.removeAll { tracked[$0] == nil }
        failing.removeAll { tracked[$0] == nil }
        for pod in pods where JobPods.isTracked(pod) && waiting.count + failing.count < Jobs.burst {
            let isKnown = waiting.contains(pod.uid) || failing.contains(pod.uid)
            if pod.podPhase == "Succeeded" {
                if isIndexed {
                    if let index = JobPods.index(pod), index < completions ?? 0 { completed.insert(index) }
                } else if !isKnown {
                    waiting.append(pod.uid)
                }
            } else if JobPods.hasFailed(pod, waitsForEnd: waitsForEnd && !isFailing) {
                let counts = isKnown || judge(pod)
                if !isKnown, isHeld(pod) { continue }
                if !isKnown, counts { failing.append(pod.uid) }
            } else {
                continue
            }
            plan.releases.append(Action(JobPods.untracked(pod)))
        }
        if isIndexed { succeeded = completed.values.count }
        setUncounted(waiting, failing)
        succeeded += isIndexed ? 0 : waiting.count
        failed += failing.count
    }

    /// Whether a failed pod counts; notes when it decides the job or its index.
    private mutating func judge(_ pod: APIObject) -> Bool {
        // One that is killed along with the job says nothing of its index.
        if isFailing, pod.podPhase != "Failed" { return true }
        switch PodFailurePolicy.judge(pod, job) {
        case .ignored: return false
        case .failsJob(let why): failure = failure ?? ("PodFailurePolicy", why)
        case .failsIndex: JobPods.index(pod).map { failedIndexes.insert($0) }
        case .counts:
            if let perIndexLimit, let index = JobPods.index(pod), IndexFailures.counted(pod) >= perIndexLimit {
                failedIndexes.insert(index)
            }
        }
        return true
    }

    /// A pod whose failures are not yet written on the one that takes its place: without it they would be forgotten.
    private func isHeld(_ pod: APIObject) -> Bool {
        guard perIndexLimit != nil, failure == nil, !isEnding, let index = JobPods.index(pod) else { return false }
        return !failedIndexes.values.contains(index) && !completed.values.contains(index)
            && failures.isLast(pod, of: index)
    }

    private func uncounted(_ field: String) -> [String] {
        status["uncountedTerminatedPods"]?[field]?.array?.compactMap(\.string) ?? []
    }

    private mutating func setUncounted(_ succeededPods: [String], _ failedPods: [String]) {
        func put(_ field: String, _ uids: [String]) {
            status[path: "uncountedTerminatedPods", field] =
                uids.isEmpty ? nil : .array(uids.map { .string($0) })
        }
        put("succeeded", succeededPods)
        put("failed", failedPods)
        if status["uncountedTerminatedPods"] == nil { status[path: "uncountedTerminatedPods"] = .emptyObject }
        // What is written counts only what is certain.
        status[path: "succeeded"] = .integer(Int64(succeeded))
        status[path: "failed"] = .integer(Int64(failed))
        if isIndexed {
            status[path: "completedIndexes"] = completed.values.isEmpty ? nil : .string(completed.description)
            if job.spec?["backoffLimitPerIndex"] != nil {
                status[path: "failedIndexes"] = .string(failedIndexes.description)
            }
        }
    }

    /// A job at its end: what still bears the finalizer is let go.
    mutating func cleaned() -> Jobs.Plan {
        plan.releases = pods.filter(JobPods.isTracked).map { Action(JobPods.untracked($0)) }
        if Jobs.isFinished(job), !job.isBeingDeleted { deleteActive(active) }
        return plan
    }

    // MARK: - The end

    var isEnding: Bool { isFailing || Conditions.isTrue("SuccessCriteriaMet", in: status) }

    private var isFailing: Bool { Conditions.isTrue("FailureTarget", in: status) }

    /// Decides whether the job has succeeded or failed.
    mutating func conclude() {
        if !isSuspended, status["startTime"] == nil { status[path: "startTime"] = Timestamp.text(now) }
        if !isEnding {
            findFailure()
            if let failure {
                Conditions.set(
                    Condition("FailureTarget", true, failure.reason, failure.message), in: &status, now: now,
                    updateTime: false)
            } else if hasSucceeded {
                let (reason, message) = successReason
                Conditions.set(Condition("SuccessCriteriaMet", true, reason, message), in: &status, now: now)
            }
        }
        if isEnding { finish() }
    }

    private mutating func findFailure() {
        guard failure == nil else { return }
        let limit = Int(clamping: job.spec?["backoffLimit"]?.integer ?? (perIndexLimit == nil ? 6 : .max))
        if failed > limit || restarts > 0 && restarts >= limit {
            failure = ("BackoffLimitExceeded", "Job has reached the specified backoff limit")
        } else if let deadline, deadline <= now {
            failure = ("DeadlineExceeded", "Job was active longer than specified deadline")
        } else if let limit = job.spec?["maxFailedIndexes"]?.integer, failedIndexes.values.count > Int(clamping: limit)
        {
            failure = (
                "MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes"
            )
        } else if perIndexLimit != nil, let completions, !failedIndexes.values.isEmpty,
            completed.values.union(failedIndexes.values).count >= completions
        {
            failure = ("FailedIndexes", "Job has failed indexes")
        }
    }

    var perIndexLimit: Int? { job.spec?["backoffLimitPerIndex"]?.integer.map { Int(clamping: $0) } }

    /// Restarts in place count as failures when containers may be restarted.
    private var restarts: Int {
        guard job.spec?["template"]?["spec"]?["restartPolicy"]?.string == "OnFailure" else { return 0 }
        let statuses = pods.filter(\.isActivePod).flatMap { pod in
            ["initContainerStatuses", "containerStatuses"].flatMap { pod.status?[$0]?.array ?? [] }
        }
        return statuses.reduce(0) { $0 + Int(clamping: $1["restartCount"]?.integer ?? 0) }
    }

    private var deadline: Int64? {
        guard let seconds = job.spec?["activeDeadlineSeconds"]?.integer, !isSuspended,
            let start = Timestamp.nanoseconds(status["startTime"])
        else { return nil }
        return Timestamp.adding(seconds: seconds, to: start)
    }

    private var hasSucceeded: Bool {
        if meetsSuccessPolicy { return true }
        guard let completions else { return succeeded > 0 && active.isEmpty }
        return succeeded >= completions
    }

    private var meetsSuccessPolicy: Bool { successRule != nil }

    /// The first rule of the success policy that holds.
    private var successRule: Int? {
        (job.spec?["successPolicy"]?["rules"]?.array ?? []).firstIndex { rule in
            let named = rule["succeededIndexes"]?.string.map { JobIndexes(parsing: $0, limit: completions ?? 0).values }
            let relevant = named.map(completed.values.intersection) ?? completed.values
            let needed = rule["succeededCount"]?.integer.map { Int(clamping: $0) } ?? named?.count ?? .max
            return relevant.count >= needed
        }
    }

    private var successReason: (String, String) {
        if let rule = successRule, succeeded < completions ?? 0 {
            return ("SuccessPolicy", "Matched rules at index \(rule)")
        }
        return ("CompletionsReached", "Reached expected number of succeeded pods")
    }

    /// The last word is said when no pod runs any more and all are counted. A job that fails counts those it kills.
    private mutating func finish() {
        deleteActive(active, counts: isFailing)
        guard active.isEmpty, terminating == 0, plan.releases.isEmpty, !pods.contains(where: JobPods.isTracked),
            uncounted("succeeded").isEmpty, uncounted("failed").isEmpty
        else { return }
        if let target = Conditions.find("FailureTarget", in: status) {
            let (reason, message) = (target["reason"]?.string ?? "", target["message"]?.string ?? "")
            Conditions.set(Condition("Failed", true, reason, message), in: &status, now: now)
            plan.decision.events.append(EventText(.warning, reason, message))
        } else {
            let target = Conditions.find("SuccessCriteriaMet", in: status)
            Conditions.set(
                Condition("Complete", true, target?["reason"]?.string ?? "", target?["message"]?.string ?? ""),
                in: &status, now: now)
            status[path: "completionTime"] = Timestamp.text(now)
            plan.decision.events.append(EventText("Completed", "Job completed"))
        }
    }

    /// - Parameter counts: whether the pods keep the finalizer until they are counted among the failed.
    private mutating func deleteActive(_ pods: [APIObject], counts: Bool = false) {
        for pod in pods.prefix(Jobs.burst) {
            if !counts, JobPods.isTracked(pod) { plan.releases.append(Action(JobPods.untracked(pod))) }
            plan.deletions.append(
                Action(.delete(.pod, pod), success: EventText("SuccessfulDelete", "Deleted pod: {name}")))
            plan.deletedUIDs.append(pod.uid)
        }
    }

    // MARK: - Running

    mutating func manage() {
        guard !isSuspended else { return suspend() }
        if Conditions.isTrue("Suspended", in: status) {
            Conditions.set(Condition("Suspended", false, "JobResumed", "Job resumed"), in: &status, now: now)
            status[path: "startTime"] = Timestamp.text(now)
            plan.decision.events.append(EventText("Resumed", "Job resumed"))
        }
        let running = active
        let wanted = wantedActive(running.count)
        if running.count > wanted {
            deleteActive(RemovalRank.first(running.count - wanted, of: running) { _ in 0 })
        } else {
            create(wanted - running.count - (waitsForEnd ? terminating : 0))
        }
    }

    private func wantedActive(_ running: Int) -> Int {
        guard let completions else { return succeeded > 0 ? running : parallelism }
        return min(parallelism, max(0, completions - succeeded - failedIndexes.values.count))
    }

    private mutating func create(_ count: Int) {
        guard count > 0 else { return }
        if perIndexLimit == nil, let wait = backoff { return plan.decision.look(after: wait) }
        let indexes = isIndexed ? readyIndexes(count).map { Optional($0) } : Array(repeating: nil, count: count)
        plan.creations = indexes.prefix(Jobs.burst).map { index in
            var pod = JobPods.make(job, index: index)
            if perIndexLimit != nil, let index {
                failures.note(on: &pod, index: index) { PodFailurePolicy.judge($0, job) == .ignored }
            }
            return Action(
                .create(.pod, namespace: job.namespace, pod),
                success: EventText("SuccessfulCreate", "Created pod: {name}"),
                failure: EventText(.warning, "FailedCreate", "Error creating: {error}"))
        }
    }

    /// Free ones whose backoff is over; says when the next one's is.
    private mutating func readyIndexes(_ count: Int) -> [Int] {
        var ready: [Int] = []
        let waiting = perIndexLimit == nil ? 0 : failures.count
        for index in freeIndexes(count.addingReportingOverflow(waiting).partialValue) where ready.count < count {
            if let wait = failures.backoff(of: index, now: now) {
                plan.decision.look(after: wait)
            } else {
                ready.append(index)
            }
        }
        return ready
    }

    private func freeIndexes(_ count: Int) -> [Int] {
        let taken = Set(
            pods.filter { !$0.hasFinished && (waitsForEnd || !$0.isBeingDeleted) }.compactMap(JobPods.index))
        let closed = taken.union(completed.values).union(failedIndexes.values)
        return Array((0..<(completions ?? 0)).lazy.filter { !closed.contains($0) }.prefix(count))
    }

    /// How long to wait after failures that no success has followed.
    private var backoff: Duration? {
        let ended = pods.filter { $0.hasFinished || $0.isBeingDeleted }
        let success = ended.filter { $0.podPhase == "Succeeded" }.compactMap(JobPods.finished).max() ?? .min
        let failures = ended.filter { $0.podPhase == "Failed" }.compactMap(JobPods.finished).filter { $0 > success }
        guard let last = failures.max() else { return nil }
        return Jobs.backoff(failures: failures.count, last: last, now: now)
    }

    private mutating func suspend() {
        deleteActive(active)
        guard !Conditions.isTrue("Suspended", in: status) else { return }
        Conditions.set(Condition("Suspended", true, "JobSuspended", "Job suspended"), in: &status, now: now)
        status[path: "startTime"] = nil
        plan.decision.events.append(EventText("Suspended", "Job suspended"))
    }

    mutating func report() {
        status[path: "active"] = .integer(Int64(active.count))
        status[path: "ready"] = .integer(Int64(active.count(where: \.isReadyPod)))
        status[path: "terminating"] = .integer(Int64(terminating))
        if let deadline, deadline > now { plan.decision.look(after: Timestamp.wait(from: now, until: deadline)) }
        if let changed = job.changing(status: status) { plan.decision.perform(.updateStatus(.job, changed)) }
    }
}
