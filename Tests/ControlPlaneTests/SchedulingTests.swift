import Foundation
import Glibc
import TestPrograms
import TestThreads
import Testing

/// `apus scheduler` with `apus apiserver`, seen through stock kubectl. Nodes are objects without machines.
@Suite(.ownThread, .needs("kubectl"), .timeLimit(.minutes(30)))
struct SchedulingTests {
    /// An API server and a scheduler; both end with their owner.
    private final class Cluster {
        let plane: ControlPlane
        let port: UInt16
        private let scheduler: LoggedProcess

        init() throws {
            plane = try ControlPlane(["--disable-admission-plugins", "ServiceAccount"])
            port = try FreePort.take()
            scheduler = try LoggedProcess(
                Program.start(
                    ControlPlane.program,
                    ["scheduler", "--kubeconfig", plane.kubeconfig, "--port", "\(port)"]),
                log: plane.folder.appending(path: "scheduler.log").path)
        }

        var log: String { scheduler.output }

        func node(_ name: String, cpu: Int) throws {
            let text = """
                apiVersion: v1
                kind: Node
                metadata: {name: \(name), labels: {kubernetes.io/hostname: \(name)}}
                """
            try plane.kube("create -f -", input: text)
            let amounts = #"{"cpu":"\#(cpu)","memory":"8Gi","pods":"110"}"#
            let status = #"{"status":{"capacity":\#(amounts),"allocatable":\#(amounts)}}"#
            try plane.kube("patch node \(name) --subresource=status --type=merge -p '\(status)'")
            // Nobody will say that it is ready.
            try plane.kube("taint node \(name) node.kubernetes.io/not-ready:NoSchedule-")
        }

        func pod(_ name: String, cpu: Int, more: String = "") throws {
            let text = """
                apiVersion: v1
                kind: Pod
                metadata: {name: \(name), labels: {app: web}}
                spec:
                  terminationGracePeriodSeconds: 0
                  \(more)
                  containers:
                  - {name: main, image: "example.org/web:1", resources: {requests: {cpu: "\(cpu)"}}}
                """
            try plane.kube("create -f -", input: text)
        }

        /// Asks until the answer is as expected, half a minute at most; the last answer.
        func eventually(_ command: String, _ isExpected: (String) -> Bool) throws -> String {
            let deadline = ContinuousClock.now + .seconds(90)
            while true {
                let answer = try plane.kubectl().run(command.split(separator: " ").map(String.init)).output
                if isExpected(answer) || ContinuousClock.now > deadline { return answer }
                usleep(100_000)
            }
        }

        func nodeName(_ pod: String) throws -> String {
            try eventually("get pod \(pod) -o jsonpath={.spec.nodeName}") { !$0.isEmpty }
        }
    }

    @Test func podsGetNodesWaitForThemAndPreempt() throws {
        let cluster = try Cluster()
        let plane = cluster.plane
        try cluster.node("one", cpu: 2)
        try cluster.pod("first", cpu: 2)
        #expect(try cluster.nodeName("first") == "one", "\(cluster.log)")
        let assigned = "Successfully assigned default/first to one"
        #expect(try cluster.eventually("describe pod first") { $0.contains(assigned) }.contains(assigned))

        // No room: the words of kubectl describe, and the condition.
        try cluster.pod("second", cpu: 4)
        let refused =
            "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: "
            + "1 Preemption is not helpful for scheduling."
        let described = try cluster.eventually("describe pod second") { $0.contains(refused) }
        #expect(described.contains("FailedScheduling"))
        #expect(described.contains(refused))
        let condition = try cluster.eventually(
            "get pod second -o jsonpath={.status.conditions[0].reason}:{.status.conditions[0].message}"
        ) { $0.contains(refused) }
        #expect(condition == "Unschedulable:\(refused)")

        // A node that helps brings it back.
        try cluster.node("two", cpu: 4)
        #expect(try cluster.nodeName("second") == "two", "\(cluster.log)")

        // Importance: only the second node is large enough.
        let important = """
            apiVersion: scheduling.k8s.io/v1
            kind: PriorityClass
            metadata: {name: important}
            value: 1000
            """
        try plane.kube("create -f -", input: important)
        try cluster.pod("third", cpu: 3, more: "priorityClassName: important")
        #expect(try cluster.nodeName("third") == "two", "\(cluster.log)")
        #expect(try plane.refusal("get pod second").contains("not found"))
        let preempted = try cluster.eventually("get events -o jsonpath={.items[*].reason}") {
            $0.contains("Preempted")
        }
        #expect(preempted.contains("Preempted"))

        let metrics = try MetricsPage.read(port: cluster.port)
        #expect(
            metrics.contains(#"scheduler_schedule_attempts_total{profile="default-scheduler",result="scheduled"} 3"#))
        for text in [
            #"leader_election_master_status{name="kube-scheduler"} 1"#, #"scheduler_pending_pods{queue="active"} 0"#,
            #"rest_client_requests_total{code="201""#, "rest_client_request_duration_seconds_bucket{host=",
            "scheduler_scheduling_attempt_duration_seconds_bucket{",
            #"scheduler_pod_scheduling_sli_duration_seconds_count{attempts="1"}"#, "process_resident_memory_bytes ",
        ] { #expect(metrics.contains(text), "\(text)") }
        #expect(
            try plane.kube("get lease kube-scheduler -n kube-system -o name")
                == "lease.coordination.k8s.io/kube-scheduler")
    }

    @Test func explainPrintsTheTable() throws {
        let cluster = try Cluster()
        try cluster.node("one", cpu: 2)
        try cluster.node("two", cpu: 8)
        try cluster.plane.kube("cordon one")
        try cluster.pod("web", cpu: 1, more: "nodeSelector: {disk: ssd}")
        var apus = try #require(Tool(ControlPlane.program))
        apus.environment = ["HOME": cluster.plane.folder.path]
        let table = try apus.run(["scheduler", "explain", "web", "--kubeconfig", cluster.plane.kubeconfig])
        #expect(table.isGood, "\(table.errors)")
        #expect(table.output.hasPrefix("default/web: 0/2 nodes are available: "))
        #expect(table.output.contains("NodeAffinity: node(s) didn't match Pod's node affinity/selector: one, two\n"))
        #expect(table.output.contains("NodeUnschedulable: node(s) were unschedulable: one\n"))
        try cluster.plane.kube("label node two disk=ssd")
        #expect(try cluster.nodeName("web") == "two")
        let json = try apus.run(
            ["scheduler", "explain", "web", "-n", "default", "-o", "json", "--kubeconfig", cluster.plane.kubeconfig])
        #expect(json.output.contains(#""node":"two""#), "\(json.errors)")
        let missing = try apus.run(["scheduler", "explain", "none", "--kubeconfig", cluster.plane.kubeconfig])
        #expect(!missing.isGood)
        #expect(missing.errors.contains("there is no pod default/none"))
    }
}
