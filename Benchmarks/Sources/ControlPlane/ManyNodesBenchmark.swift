/// 5,000 simulated nodes: how long they take to be there, and how fast pods get nodes through the API.
struct ManyNodesBenchmark {
    static let nodes = 5000
    private static let pods = 5000

    let cluster: ControlledCluster
    var report: Report

    mutating func run() async throws {
        let cluster = cluster
        report.add(
            "5,000 simulated nodes, agent started to all ready",
            try await ControllersBenchmark.seconds {
                try await cluster.waitUntilNodesAreReady(interval: .seconds(1))
            }, "s")
        try await cluster.createDeployment("many", replicas: Self.pods)
        try await cluster.waitUntilMade("many", replicas: Self.pods)
        // From its start, so that reading the cluster counts as well.
        let binding = try await ControllersBenchmark.seconds {
            try cluster.start("scheduler")
            try await cluster.waitUntilAllPodsAreBound()
        }
        report.add("5,000 pods on them, scheduler started to all bound", binding, "s")
        report.add("the same, bindings per second", Double(Self.pods) / binding, "")
        let scheduler = cluster.daemons["scheduler"]
        report.add("processor time of the scheduler for them", scheduler?.processorTime ?? 0, "s")
        report.add(
            "all bound to all ready",
            try await ControllersBenchmark.seconds {
                try await cluster.waitUntilReady(["many": Self.pods], seconds: 300)
            }, "s")
        report.add("resident memory with 5,000 nodes and pods, API server", cluster.server.residentMemory, "MiB")
        for (name, daemon) in cluster.daemons.sorted(by: { $0.key < $1.key }) {
            report.add("the same, \(name == "agent" ? "simulated nodes" : name)", daemon.residentMemory, "MiB")
        }
    }
}
