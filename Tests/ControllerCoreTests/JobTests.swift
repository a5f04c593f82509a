import ControllerCore
import KubeAPI
import KubeSchema
import Testing

@Suite struct JobTests {
    private static func job(_ more: [String: JSONValue] = [:]) -> JSONValue {
        var spec: JSONValue = [
            "parallelism": 2, "completions": 5, "backoffLimit": 3,
            "template": [
                "metadata": ["labels": ["job-name": "work"]],
                "spec": ["restartPolicy": "Never", "containers": [["name": "c"]]],
            ],
        ]
        for (key, value) in more { spec[path: key] = value }
        return ["metadata": ["name": "work"], "spec": spec]
    }

    /// One look of the controller; what it deletes is gone at once, but for a pod that still bears a finalizer.
    private static func run(_ cluster: inout MiniCluster) throws {
        let job = try #require(cluster[.job, "work"])
        let plan = Jobs.decide(job, pods: cluster.owned(.pod, by: job), isSettled: true, now: cluster.now)
        try cluster.perform(plan.decision)
        for action in plan.releases + plan.deletions + plan.creations { try cluster.perform(Decision([action])) }
    }

    private static func end(_ cluster: inout MiniCluster, _ pod: APIObject, _ phase: String, code: Int64 = 1) {
        let time = Timestamp.text(cluster.now)
        cluster.change(.pod, pod.name) {
            $0["status"] = [
                "phase": .string(phase),
                "containerStatuses": [
                    [
                        "name": "c",
                        "state": [
                            "terminated": ["exitCode": phase == "Failed" ? .integer(code) : 0, "finishedAt": time]
                        ],
                    ]
                ],
            ]
        }
    }

    private static func active(_ cluster: MiniCluster) -> [APIObject] { cluster[.pod].filter(\.isActivePod) }

    private static func reason(_ cluster: MiniCluster, _ type: String) -> String? {
        let condition = Conditions.find(type, in: cluster[.job, "work"]?.status)
        return condition?["status"] == "True" ? condition?["reason"]?.string : nil
    }

    /// Every pod succeeds, one after the other, until nothing changes.
    private static func finish(_ cluster: inout MiniCluster) throws {
        for _ in 0..<60 {
            let before = cluster.writes.count
            try run(&cluster)
            if cluster.writes.count == before {
                guard let pod = active(cluster).first else { return }
                end(&cluster, pod, "Succeeded")
            }
        }
        Issue.record("it does not come to rest")
    }

    @Test func everyCompletionIsCountedOnce() throws {
        var cluster = MiniCluster()
        cluster.add(.job, Self.job())
        try Self.run(&cluster)
        #expect(Self.active(cluster).count == 2)
        #expect(cluster[.pod].allSatisfy { $0.finalizers == ["batch.kubernetes.io/job-tracking"] })
        try Self.finish(&cluster)
        let status = cluster[.job, "work"]?.status
        #expect(status?["succeeded"] == 5 && status?["active"] == 0 && status?["completionTime"] != nil)
        #expect(Self.reason(cluster, "Complete") == "CompletionsReached")
        #expect(cluster[.pod].count == 5 && cluster[.pod].allSatisfy { $0.finalizers.isEmpty })
        #expect(cluster.events.contains("Completed: Job completed"))
    }

    @Test func aPodThatVanishesAfterItWasNotedIsStillCounted() throws {
        var cluster = MiniCluster()
        cluster.add(.job, Self.job(["completions": 1, "parallelism": 1]))
        try Self.run(&cluster)
        let pod = try #require(cluster[.pod].first)
        Self.end(&cluster, pod, "Succeeded")
        try Self.run(&cluster)
        #expect(cluster[.job, "work"]?.status?["uncountedTerminatedPods"]?["succeeded"] == [.string(pod.uid)])
        cluster.remove(.pod, pod.name)
        try Self.run(&cluster)
        try Self.run(&cluster)
        #expect(cluster[.job, "work"]?.status?["succeeded"] == 1 && Self.reason(cluster, "Complete") != nil)
        #expect(cluster[.pod].isEmpty, "no pod is made anew")
    }

    @Test func failuresBackOffUntilTheLimit() throws {
        var cluster = MiniCluster()
        cluster.add(.job, Self.job(["completions": 1, "parallelism": 1]))
        var waits: [Duration] = []
        for _ in 0..<20 {
            try Self.run(&cluster)
            if let pod = Self.active(cluster).first {
                Self.end(&cluster, pod, "Failed")
            } else if let job = cluster[.job, "work"], !Jobs.isFinished(job) {
                let plan = Jobs.decide(job, pods: cluster[.pod], isSettled: true, now: cluster.now)
                if let wait = plan.decision.requeueAfter {
                    waits.append(wait)
                    cluster.pass(seconds: wait.components.seconds)
                }
            }
        }
        #expect(waits == [.seconds(10), .seconds(20), .seconds(40)])
        #expect(Self.reason(cluster, "Failed") == "BackoffLimitExceeded")
        #expect(cluster[.job, "work"]?.status?["failed"] == 4)
        #expect(cluster.events.contains("BackoffLimitExceeded: Job has reached the specified backoff limit"))
    }

    /// Every pod that was there when the job failed counts, whoever ended it.
    @Test(arguments: [nil, "Failed"] as [JSONValue?])
    func aJobThatFailsCountsWhatItKills(replacement: JSONValue?) throws {
        var late: [String: JSONValue] = ["activeDeadlineSeconds": 1]
        var spent: [String: JSONValue] = ["backoffLimit": 0, "parallelism": 3]
        if let replacement {
            late["podReplacementPolicy"] = replacement
            spent["podReplacementPolicy"] = replacement
        }
        var cluster = MiniCluster()
        cluster.add(.job, Self.job(late))
        try Self.run(&cluster)
        cluster.pass(seconds: 2)
        for _ in 0..<5 { try Self.run(&cluster) }
        #expect(Self.reason(cluster, "Failed") == "DeadlineExceeded" && cluster[.pod].isEmpty)
        #expect(cluster[.job, "work"]?.status?["failed"] == 2)

        cluster = MiniCluster()
        cluster.add(.job, Self.job(spent))
        try Self.run(&cluster)
        Self.end(&cluster, try #require(cluster[.pod].first), "Failed")
        for _ in 0..<5 { try Self.run(&cluster) }
        #expect(Self.reason(cluster, "Failed") == "BackoffLimitExceeded")
        #expect(cluster[.job, "work"]?.status?["failed"] == 3)
    }

    @Test func anIndexedJobRunsEachIndexOnce() throws {
        var cluster = MiniCluster()
        cluster.add(.job, Self.job(["completionMode": "Indexed", "completions": 4]))
        try Self.run(&cluster)
        #expect(
            Self.active(cluster).compactMap { $0.annotation("batch.kubernetes.io/job-completion-index") }.sorted() == [
                "0", "1",
            ])
        let first = try #require(Self.active(cluster).first)
        #expect(first.spec?["hostname"]?.string?.hasPrefix("work-") == true)
        #expect(first.spec?["containers"]?.array?.first?["env"]?.array?.first?["name"] == "JOB_COMPLETION_INDEX")
        try Self.finish(&cluster)
        #expect(cluster[.job, "work"]?.status?["completedIndexes"] == "0-3")
        #expect(Self.reason(cluster, "Complete") != nil)
    }

    /// Index 0 always fails, the others succeed.
    @Test func eachIndexHasItsOwnBackoffLimit() throws {
        var cluster = MiniCluster()
        cluster.add(
            .job,
            Self.job([
                "completionMode": "Indexed", "completions": 3, "parallelism": 3, "backoffLimitPerIndex": 2,
                "maxFailedIndexes": 1,
            ]))
        var counts: [String] = []
        var waits: [Duration] = []
        for _ in 0..<40 {
            try Self.run(&cluster)
            for pod in Self.active(cluster) {
                let isFirst = pod.annotation("batch.kubernetes.io/job-completion-index") == "0"
                if isFirst { counts.append(pod.annotation("batch.kubernetes.io/job-index-failure-count") ?? "") }
                Self.end(&cluster, pod, isFirst ? "Failed" : "Succeeded")
            }
            let job = try #require(cluster[.job, "work"])
            if Jobs.isFinished(job) { break }
            let plan = Jobs.decide(job, pods: cluster[.pod], isSettled: true, now: cluster.now)
            guard let wait = plan.decision.requeueAfter else { continue }
            waits.append(wait)
            // The failed pod bears what the next one must know, and stays.
            #expect(cluster[.pod].contains { $0.podPhase == "Failed" && !$0.finalizers.isEmpty })
            cluster.pass(seconds: wait.components.seconds)
        }
        #expect(counts == ["0", "1", "2"])
        #expect(waits.first == .seconds(10) && waits.last == .seconds(20))
        let status = cluster[.job, "work"]?.status
        #expect(status?["failedIndexes"] == "0" && status?["completedIndexes"] == "1,2")
        #expect(status?["failed"] == 3 && status?["succeeded"] == 2)
        #expect(Self.reason(cluster, "Failed") == "FailedIndexes")
        #expect(cluster[.pod].allSatisfy { $0.finalizers.isEmpty })
    }

    @Test func theSuccessPolicyNamesItsRule() throws {
        var cluster = MiniCluster()
        cluster.add(
            .job,
            Self.job([
                "completionMode": "Indexed", "completions": 4, "parallelism": 1,
                "successPolicy": ["rules": [["succeededIndexes": "3"], ["succeededCount": 2]]],
            ]))
        try Self.finish(&cluster)
        let met = Conditions.find("Complete", in: cluster[.job, "work"]?.status)
        #expect(met?["reason"] == "SuccessPolicy" && met?["message"] == "Matched rules at index 1")
        #expect(cluster[.job, "work"]?.status?["succeeded"] == 2)
    }

    @Test func suspensionEndsPodsAndResumptionMakesThemAnew() throws {
        var cluster = MiniCluster()
        cluster.add(.job, Self.job())
        try Self.run(&cluster)
        cluster.change(.job, "work") { $0[path: "spec", "suspend"] = true }
        try Self.run(&cluster)
        try Self.run(&cluster)
        #expect(cluster[.pod].isEmpty && Self.reason(cluster, "Suspended") == "JobSuspended")
        #expect(cluster[.job, "work"]?.status?["startTime"] == nil)
        cluster.change(.job, "work") { $0[path: "spec", "suspend"] = false }
        try Self.finish(&cluster)
        #expect(cluster[.job, "work"]?.status?["succeeded"] == 5)
        #expect(cluster[.job, "work"]?.status?["failed"] == 0, "pods that were suspended did not fail")
    }

    @Test func theDeadlineEndsTheJob() throws {
        var cluster = MiniCluster()
        cluster.add(.job, Self.job(["activeDeadlineSeconds": 30]))
        try Self.run(&cluster)
        cluster.pass(seconds: 31)
        for _ in 0..<3 { try Self.run(&cluster) }
        #expect(Self.reason(cluster, "Failed") == "DeadlineExceeded" && cluster[.pod].isEmpty)
    }

    /// By default a pod that is on its way out is replaced at once; with `Failed` only when it has ended.
    @Test(arguments: [("TerminatingOrFailed", 1), ("Failed", 0)])
    func theReplacementPolicySaysWhen(policy: String, replacements: Int) throws {
        var cluster = MiniCluster()
        cluster.add(
            .job, Self.job(["podReplacementPolicy": .string(policy), "parallelism": 1, "completions": 1]))
        try Self.run(&cluster)
        let first = try #require(cluster[.pod].first)
        cluster.change(.pod, first.name) {
            $0[path: "metadata", "deletionTimestamp"] = "2026-01-01T00:00:00Z"
            $0[path: "metadata", "finalizers"] = ["batch.kubernetes.io/job-tracking", "example.org/slow"]
        }
        for _ in 0..<3 {
            try Self.run(&cluster)
            // The backoff after a failure.
            cluster.pass(seconds: 60)
        }
        #expect(Self.active(cluster).count == replacements)
        #expect(cluster[.job, "work"]?.status?["failed"] == .integer(Int64(replacements)))
        Self.end(&cluster, first, "Failed")
        for _ in 0..<3 {
            try Self.run(&cluster)
            cluster.pass(seconds: 60)
        }
        #expect(Self.active(cluster).count == 1 && cluster[.job, "work"]?.status?["failed"] == 1)
    }

    @Test(
        arguments: [(nil, true), ("kubernetes.io/job-controller", true), ("example.org/queue", false)]
            as [(String?, Bool)])
    func jobsOfAnotherControllerAreLeftAlone(manager: String?, isOurs: Bool) {
        var cluster = MiniCluster()
        let job = cluster.add(.job, Self.job(manager.map { ["managedBy": .string($0)] } ?? [:]))
        #expect(Jobs.isOurs(job) == isOurs)
    }

    @Test func thePodFailurePolicyDecides() throws {
        let policy: JSONValue = [
            "rules": [
                ["action": "FailJob", "onExitCodes": ["operator": "In", "values": [42]]],
                ["action": "Ignore", "onPodConditions": [["type": "DisruptionTarget", "status": "True"]]],
            ]
        ]
        var cluster = MiniCluster()
        cluster.add(.job, Self.job(["podFailurePolicy": policy, "backoffLimit": 0]))
        try Self.run(&cluster)
        let disrupted = try #require(cluster[.pod].first)
        Self.end(&cluster, disrupted, "Failed")
        cluster.change(.pod, disrupted.name) { pod in
            var status = pod.status ?? .emptyObject
            Conditions.set(Condition("DisruptionTarget", true), in: &status, now: 0)
            pod["status"] = status
        }
        try Self.run(&cluster)
        #expect(cluster[.job, "work"]?.status?["failed"] == 0 && Self.reason(cluster, "FailureTarget") == nil)
        let other = try #require(Self.active(cluster).first)
        Self.end(&cluster, other, "Failed", code: 42)
        for _ in 0..<3 { try Self.run(&cluster) }
        #expect(Self.reason(cluster, "Failed") == "PodFailurePolicy")
        let message = Conditions.find("Failed", in: cluster[.job, "work"]?.status)?["message"]?.string ?? ""
        #expect(message.contains("failed with exit code 42 matching FailJob rule at index 0"))
    }

    @Test(arguments: [("0-2,5", [0, 1, 2, 5]), ("", []), ("7,x,3-1,900", [7]), ("1,2", [1, 2])] as [(String, [Int])])
    func indexesAreRead(text: String, values: [Int]) {
        #expect(JobIndexes(parsing: text, limit: 10).values == Set(values))
    }

    @Test func indexesAreWritten() {
        #expect(JobIndexes([5, 0, 1, 2, 8, 9]).description == "0-2,5,8,9")
    }

    @Test func finishedJobsGoAfterTheirTime() throws {
        var cluster = MiniCluster()
        cluster.add(.job, Self.job(["ttlSecondsAfterFinished": 60, "completions": 1]))
        try Self.finish(&cluster)
        let job = try #require(cluster[.job, "work"])
        #expect(FinishedJobs.decide(job, now: cluster.now).requeueAfter == .seconds(60))
        cluster.pass(seconds: 60)
        guard case .delete(.job, _, let options)? = FinishedJobs.decide(job, now: cluster.now).actions.first?.write
        else {
            Issue.record("it is deleted")
            return
        }
        #expect(options.propagation == .foreground && options.uid == job.uid)
    }

    /// Its Job may be gone, or another may have its name.
    @Test func aPodThatNobodyCountsIsLetGo() throws {
        var cluster = MiniCluster()
        let job = cluster.add(.job, ["metadata": ["name": "work"]])
        let owner: JSONValue = [
            "apiVersion": "batch/v1", "kind": "Job", "name": "work", "uid": .string(job.uid), "controller": true,
        ]
        let finalizers: JSONValue = ["batch.kubernetes.io/job-tracking", "example.org/mine"]
        let pod = cluster.add(
            .pod, ["metadata": ["name": "p", "finalizers": finalizers, "ownerReferences": [owner]]])
        #expect(OrphanedJobPods.job(of: pod) == job.key)
        #expect(OrphanedJobPods.decide(pod, job: job).actions.isEmpty)
        cluster.remove(.job, "work")
        let next = cluster.add(.job, ["metadata": ["name": "work"]])
        try cluster.perform(OrphanedJobPods.decide(pod, job: next))
        #expect(cluster[.pod, "p"]?.finalizers == ["example.org/mine"])
        #expect(!OrphanedJobPods.decide(pod, job: nil).actions.isEmpty)
    }

    /// Of containers that are started again in their pod the starts count, as many as the limit end the job.
    @Test(arguments: [(2, false), (3, true)] as [(Int64, Bool)])
    func restartsInPlaceReachTheLimit(restarts: Int64, hasFailed: Bool) throws {
        var cluster = MiniCluster()
        var json = Self.job(["completions": 1, "parallelism": 1])
        json[path: "spec", "template", "spec", "restartPolicy"] = "OnFailure"
        cluster.add(.job, json)
        try Self.run(&cluster)
        let pod = try #require(cluster[.pod].first)
        cluster.change(.pod, pod.name) {
            $0["status"] = [
                "phase": "Running", "initContainerStatuses": [["name": "i", "restartCount": 1]],
                "containerStatuses": [["name": "c", "restartCount": .integer(restarts - 1)]],
            ]
        }
        try Self.run(&cluster)
        #expect((Self.reason(cluster, "FailureTarget") == "BackoffLimitExceeded") == hasFailed)
    }

    /// A limit for the whole job holds beside that of each index.
    @Test func theLimitOfTheJobHoldsForIndexesToo() throws {
        var cluster = MiniCluster()
        cluster.add(
            .job,
            Self.job([
                "completionMode": "Indexed", "completions": 3, "parallelism": 3, "backoffLimitPerIndex": 9,
                "backoffLimit": 1,
            ]))
        try Self.run(&cluster)
        for pod in Self.active(cluster).prefix(2) { Self.end(&cluster, pod, "Failed") }
        for _ in 0..<20 {
            try Self.run(&cluster)
            cluster.pass(seconds: 60)
        }
        #expect(Self.reason(cluster, "Failed") == "BackoffLimitExceeded")
    }

    /// Completions that were taken back do not count.
    @Test func indexesBeyondTheCompletionsDoNotCount() throws {
        var cluster = MiniCluster()
        cluster.add(.job, Self.job(["completionMode": "Indexed", "completions": 2, "parallelism": 2]))
        try Self.run(&cluster)
        let last = try #require(
            Self.active(cluster).first { $0.annotation("batch.kubernetes.io/job-completion-index") == "1" })
        Self.end(&cluster, last, "Succeeded")
        cluster.change(.job, "work") {
            $0[path: "spec", "completions"] = 1
            $0[path: "spec", "parallelism"] = 1
        }
        try Self.run(&cluster)
        #expect(cluster[.job, "work"]?.status?["succeeded"]?.integer ?? 0 == 0)
        #expect(Self.reason(cluster, "SuccessCriteriaMet") == nil)
    }

    /// A pod that is taken up is counted like the others.
    @Test func aPodThatIsTakenUpIsTracked() throws {
        var cluster = MiniCluster()
        let job = cluster.add(.job, Self.job(["completions": 1]))
        let pod = cluster.add(.pod, ["metadata": ["name": "stray", "labels": ["job-name": "work"]]])
        let claims = Claims(
            of: job, .job, selector: LabelSelector(labels: ["job-name": "work"]), kind: .pod, candidates: [pod],
            finalizer: Jobs.finalizer)
        #expect(claims.owned.map(\.finalizers) == [["batch.kubernetes.io/job-tracking"]])
        guard case .patch(.pod, _, .strategic, let body, _)? = claims.writes.first else {
            Issue.record("it is taken up")
            return
        }
        #expect(body["metadata"]?["finalizers"] == ["batch.kubernetes.io/job-tracking"])
    }
}
