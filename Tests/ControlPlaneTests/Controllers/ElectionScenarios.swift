import Glibc
import TestPrograms
import TestThreads
import Testing

/// Two controller managers on one API server.
@Suite(.ownThread, .needs("kubectl"), .timeLimit(.minutes(30)))
struct ElectionScenarios {
    private static let candidate = [
        "controller-manager", "--port", "0", "--leader-elect-lease-duration", "5s", "--leader-elect-renew-deadline",
        "4s", "--leader-elect-retry-period", "500ms",
    ]

    private static func leads(_ cluster: Cluster, _ name: String) -> Bool { cluster.log(name).contains("leading") }

    /// Waits until one of the two leads; its name.
    private static func leader(_ cluster: Cluster, of names: [String], seconds: Double = 40) throws -> String {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            if let leader = names.first(where: { leads(cluster, $0) }) { return leader }
            Pause.milliseconds(50)
        }
        return try #require(nil as String?, "nobody leads: \(names.map(cluster.log))")
    }

    /// The server makes what every namespace has only while somebody leads.
    private static func expectWork(_ cluster: Cluster, _ namespace: String) throws {
        try cluster.kube("create namespace \(namespace)")
        try cluster.eventually("get sa -n \(namespace) -o name", is: "serviceaccount/default")
    }

    @Test func anotherLeadsWhenTheLeaderIsKilledOrStandsStill() throws {
        let cluster = try Cluster(nodes: 0)
        cluster.crash("manager")
        try cluster.start("one", Self.candidate)
        try cluster.start("two", Self.candidate)
        let first = try Self.leader(cluster, of: ["one", "two"])
        let second = first == "one" ? "two" : "one"
        try Self.expectWork(cluster, "first")
        #expect(!Self.leads(cluster, second))
        cluster.crash(first)
        #expect(try Self.leader(cluster, of: [second]) == second)
        try Self.expectWork(cluster, "second")
        let lease = "get lease kube-controller-manager -n kube-system -o jsonpath={.spec.leaseTransitions}"
        #expect(try cluster.kube(lease) == "1")

        // As `kubectl get events` tells of stock ones.
        try cluster.eventually("get events -n kube-system --field-selector reason=LeaderElection -o name") {
            $0.split(separator: "\n").count >= 2
        }
        try #expect(cluster.kube("get events -n kube-system").contains(" became leader"))

        // One that stands still for too long has lost, and ends when it notices.
        try cluster.start("three", Self.candidate)
        cluster.signal(second, SIGSTOP)
        #expect(try Self.leader(cluster, of: ["three"]) == "three")
        cluster.signal(second, SIGCONT)
        let deadline = ContinuousClock.now + .seconds(90)
        while cluster.isRunning(second), ContinuousClock.now < deadline { Pause.milliseconds(50) }
        #expect(!cluster.isRunning(second), "\(cluster.log(second).suffix(1000))")
        #expect(cluster.log(second).contains("is lost to"))

        // One that ends in good order gives the Lease back: the next need not wait for it to expire.
        cluster.signal("three", SIGTERM)
        try cluster.eventually(
            "get lease kube-controller-manager -n kube-system -o jsonpath={.spec.holderIdentity}", is: "")
        let port = try FreePort.take()
        try cluster.start("four", Self.candidate + ["--port", "\(port)"])
        #expect(try Self.leader(cluster, of: ["four"]) == "four")
        try Self.expectWork(cluster, "third")
        // What dashboards of kube-controller-manager ask for.
        let metrics = try MetricsPage.read(port: port)
        for text in [
            #"leader_election_master_status{name="kube-controller-manager"} 1"#,
            #"workqueue_adds_total{name="serviceaccount-controller"} "#,
            #"workqueue_depth{name="garbage-collector-controller"} "#,
            #"workqueue_queue_duration_seconds_bucket{name="replicaset-controller",le="10"} "#,
            #"workqueue_work_duration_seconds_sum{name="serviceaccount-controller"} "#,
            #"workqueue_retries_total{name="namespace-controller"} "#,
            #"workqueue_unfinished_work_seconds{name="namespace-controller"} "#,
            #"workqueue_longest_running_processor_seconds{name="namespace-controller"} "#,
            #"rest_client_requests_total{code="201""#, "rest_client_request_duration_seconds_bucket{host=",
        ] { #expect(metrics.contains(text), "\(text)") }
    }
}
