import TestPrograms
import TestThreads
import Testing

/// The life of Jobs and CronJobs as kubectl's users see it.
@Suite(.ownThread, .needs("kubectl"), .timeLimit(.minutes(30)))
struct JobScenarios {
    /// - Parameter life: annotations of its pods.
    private static func job(_ name: String, _ spec: String, life: String = "apus.dev/simulate-run-for: '0.2'") -> String
    {
        """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: \(name)}
        spec:
        \(spec)
          template:
            metadata: {annotations: {\(life)}}
            spec: {nodeName: sim-0, restartPolicy: Never, containers: [{name: c, image: work}]}
        """
    }

    private static func condition(_ job: String, _ type: String, _ field: String = "reason") -> String {
        "get job \(job) -o jsonpath={.status.conditions[?(@.type==\"\(type)\")].\(field)}"
    }

    @Test func aJobsLife() throws {
        let cluster = try Cluster()
        try cluster.kube("apply -f -", input: Self.job("sum", "  completions: 5\n  parallelism: 2"))
        try cluster.kube("wait --for=condition=Complete job/sum --timeout=120s")
        try #expect(cluster.kube("get job sum -o jsonpath={.status.succeeded}") == "5")
        try #expect(cluster.kube("get pods -l job-name=sum -o jsonpath={.items[*].metadata.finalizers}").isEmpty)
        try cluster.kube("delete job sum --cascade=orphan")
        try cluster.eventually("get pods -o jsonpath={.items[*].metadata.ownerReferences}", is: "")
        try #expect(cluster.kube("get pods -o name").split(separator: "\n").count == 5)
        try cluster.kube("delete pods --all")
        // One that fails; one that waits; one that goes by itself.
        let failing = "apus.dev/simulate-phase: Failed, apus.dev/simulate-exit-code: '3'"
        try cluster.kube("apply -f -", input: Self.job("bad", "  backoffLimit: 0", life: failing))
        try cluster.eventually(Self.condition("bad", "Failed"), is: "BackoffLimitExceeded")
        try cluster.kube("apply -f -", input: Self.job("later", "  suspend: true"))
        try cluster.eventually(Self.condition("later", "Suspended", "status"), is: "True")
        try #expect(cluster.kube("get pods -l job-name=later -o name").isEmpty)
        try cluster.kube("patch job later --type=merge -p {\"spec\":{\"suspend\":false,\"ttlSecondsAfterFinished\":0}}")
        try cluster.eventually("get job later -o name --ignore-not-found", is: "")
        try cluster.eventually("get pods -l job-name=later -o name", is: "")
        try cluster.kube("delete job bad --cascade=foreground --timeout=120s")
        try cluster.eventually("get pods -o name", is: "")
    }

    @Test func aJobEndsByItsPolicyOrItsDeadline() throws {
        let cluster = try Cluster()
        let policy = """
              backoffLimit: 6
              podFailurePolicy:
                rules:
                - {action: FailJob, onExitCodes: {operator: In, values: [42]}}
            """
        let failing = "apus.dev/simulate-phase: Failed, apus.dev/simulate-exit-code: '42'"
        try cluster.kube("apply -f -", input: Self.job("strict", policy, life: failing))
        try cluster.eventually(Self.condition("strict", "Failed"), is: "PodFailurePolicy")
        try #expect(cluster.kube("get job strict -o jsonpath={.status.failed}") == "1")
        let endless = "apus.dev/simulate-run-for: '600'"
        try cluster.kube("apply -f -", input: Self.job("late", "  activeDeadlineSeconds: 1", life: endless))
        try cluster.eventually(Self.condition("late", "Failed"), is: "DeadlineExceeded")
        try cluster.eventually("get pods -l job-name=late -o name", is: "")
        try cluster.kube("delete job strict late")
        try cluster.eventually("get jobs,pods -o name", is: "")
    }

    @Test func eachIndexHasFailuresOfItsOwn() throws {
        let cluster = try Cluster()
        let failing = "apus.dev/simulate-phase: Failed"
        try cluster.kube(
            "apply -f -",
            input: Self.job(
                "parts",
                "  completions: 3\n  parallelism: 3\n  completionMode: Indexed\n  backoffLimitPerIndex: 0\n"
                    + "  maxFailedIndexes: 3", life: failing))
        try cluster.eventually(Self.condition("parts", "Failed"), is: "FailedIndexes")
        try #expect(cluster.kube("get job parts -o jsonpath={.status.failedIndexes}/{.status.failed}") == "0-2/3")
        try cluster.kube(
            "apply -f -",
            input: Self.job(
                "few",
                "  completions: 4\n  parallelism: 1\n  completionMode: Indexed\n  backoffLimitPerIndex: 0\n"
                    + "  maxFailedIndexes: 1", life: failing))
        try cluster.eventually(Self.condition("few", "Failed"), is: "MaxFailedIndexesExceeded")
        try #expect(cluster.kube("get job few -o jsonpath={.status.failedIndexes}") == "0,1")
    }

    @Test func aCronJobMakesJobs() throws {
        let cluster = try Cluster()
        try cluster.kube(
            "apply -f -",
            input: """
                apiVersion: batch/v1
                kind: CronJob
                metadata: {name: tick}
                spec:
                  schedule: "@every 2s"
                  successfulJobsHistoryLimit: 1
                  jobTemplate:
                    spec:
                      template:
                        spec: {nodeName: sim-0, restartPolicy: Never, containers: [{name: c, image: work}]}
                """)
        try cluster.eventually("get cronjob tick -o jsonpath={.status.lastSuccessfulTime}") { !$0.isEmpty }
        try cluster.eventually("get events -o jsonpath={.items[*].reason}") { $0.contains("SawCompletedJob") }
        try cluster.kube("patch cronjob tick --type=merge -p {\"spec\":{\"suspend\":true}}")
        try cluster.eventually("get cronjob tick -o jsonpath={.status.active}", is: "")
        // What is over the limit goes.
        try cluster.eventually("get jobs -o name") { $0.split(separator: "\n").count == 1 }
        try cluster.kube("create job now --from=cronjob/tick")
        try cluster.kube("wait --for=condition=Complete job/now --timeout=120s")
        try cluster.kube("delete cronjob tick")
        try cluster.eventually("get jobs,pods -o name", is: "")
    }

    /// Forbid waits for the run before, Replace ends it.
    @Test func runsOfACronJobDoNotOverlapUnlessTheyMay() throws {
        let cluster = try Cluster()
        try cluster.kube(
            "apply -f -",
            input: """
                apiVersion: batch/v1
                kind: CronJob
                metadata: {name: slow}
                spec:
                  schedule: "@every 1s"
                  timeZone: Asia/Tokyo
                  concurrencyPolicy: Forbid
                  jobTemplate:
                    spec:
                      template:
                        metadata: {annotations: {apus.dev/simulate-run-for: "600"}}
                        spec: {nodeName: sim-0, restartPolicy: Never, containers: [{name: c, image: work}]}
                """)
        try cluster.eventually("get events -o jsonpath={.items[*].reason}") { $0.contains("JobAlreadyActive") }
        // Within a minute a run has the name of the one before.
        let jobs = "get jobs -o jsonpath={.items[*].metadata.uid}"
        let first = try cluster.kube(jobs)
        #expect(!first.isEmpty && !first.contains(" "))
        try cluster.kube("patch cronjob slow --type=merge -p {\"spec\":{\"concurrencyPolicy\":\"Replace\"}}")
        try cluster.eventually(jobs) { !$0.isEmpty && !$0.contains(first) }
        // Pods that still run go with it.
        try cluster.kube("delete cronjob slow")
        try cluster.eventually("get jobs,pods -o name", is: "")
    }
}
