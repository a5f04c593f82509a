import Foundation

/// Convergence, idle processor time and churn of `apus controller-manager` and `apus scheduler` on simulated nodes.
struct ControllersBenchmark {
    let cluster: ControlledCluster
    let seed: UInt64
    var report: Report

    private static let clock = ContinuousClock()

    mutating func run() async throws {
        try await cluster.waitUntilNodesAreReady()
        try await converge()
        try await idle()
        try await churn()
    }

    static func seconds(_ body: () async throws -> Void) async rethrows -> Double {
        let duration = try await clock.measure(body)
        return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    private mutating func converge() async throws {
        let cluster = cluster
        report.add(
            "Deployment with 1,000 replicas, created to all ready",
            try await Self.seconds {
                try await cluster.createDeployment("large", replicas: 1000)
                try await cluster.waitUntilReady(["large": 1000])
            }, "s", atMost: 15)
        report.add(
            "the same, deleted to all pods gone",
            try await Self.seconds {
                try await cluster.deleteDeployment("large")
                try await cluster.waitUntilNoPods()
            }, "s")
    }

    /// While 5,000 pods run and nothing is asked for but what their nodes renew.
    private mutating func idle() async throws {
        let cluster = cluster
        let wanted = Dictionary(uniqueKeysWithValues: (0..<5).map { ("still-\($0)", 1000) })
        report.add(
            "5 Deployments with 1,000 replicas, created to all ready",
            try await Self.seconds {
                for (name, replicas) in wanted { try await cluster.createDeployment(name, replicas: replicas) }
                try await cluster.waitUntilReady(wanted, seconds: 300)
            }, "s")
        try await cluster.waitUntilQuiet()
        // What the work has left free is given back once.
        try await Task.sleep(for: .seconds(30))
        let period = 60.0
        let before = processorTimes
        try await Task.sleep(for: .seconds(period))
        let used = processorTimes.map { ($0.key, ($0.value - (before[$0.key] ?? 0)) / period * 100) }
        for (name, share) in used.sorted(by: { $0.0 < $1.0 }) {
            report.add("idle processor time with 5,000 pods, \(name)", share, "%")
        }
        func sum(_ names: Set<String>) -> Double { used.filter { names.contains($0.0) }.reduce(0) { $0 + $1.1 } }
        let parts: Set = ["controller-manager", "scheduler"]
        report.add("the same, controller-manager and scheduler together", sum(parts), "%", atMost: 0.5)
        report.add("the same, and the API server", sum(parts.union(["API server"])), "%")
        report.add("resident memory with 5,000 pods, API server", cluster.server.residentMemory, "MiB")
        for (name, daemon) in cluster.daemons.sorted(by: { $0.key < $1.key }) where name != "agent" {
            report.add("the same, \(name)", daemon.residentMemory, "MiB")
        }
        for name in wanted.keys { try await cluster.deleteDeployment(name) }
        try await cluster.waitUntilNoPods()
    }

    private var processorTimes: [String: Double] {
        var times = ["API server": cluster.server.processorTime]
        for (name, daemon) in cluster.daemons {
            times[name == "agent" ? "simulated nodes" : name] = daemon.processorTime
        }
        return times
    }

    /// Ten Deployments are scaled at random while the controller manager and the scheduler are killed at random points; in
    /// the end each must have its hundred pods, and no node more than it has room for.
    private mutating func churn() async throws {
        let cluster = cluster
        var random = Random(state: seed)
        let names = (0..<10).map { "churn-\($0)" }
        for name in names { try await cluster.createDeployment(name, replicas: 20) }
        for _ in 0..<20 {
            for _ in 0..<3 {
                try await cluster.scale(
                    names.randomElement(using: &random) ?? names[0], to: .random(in: 0...180, using: &random))
            }
            try await Task.sleep(for: .milliseconds(.random(in: 5...400, using: &random)))
            try cluster.restart(Bool.random(using: &random) ? "controller-manager" : "scheduler")
        }
        let wanted = Dictionary(uniqueKeysWithValues: names.map { ($0, 100) })
        let seconds = try await Self.seconds {
            for name in names { try await cluster.scale(name, to: 100) }
            try await cluster.waitUntilReady(wanted)
        }
        report.add("churn of 1,000 pods with 20 kills, last change to the right state", seconds, "s")
        try await checkEnd(pods: 1000)
    }

    private mutating func checkEnd(pods count: Int) async throws {
        let deadline = Self.clock.now + .seconds(60)
        var pods = try await cluster.podList()
        while pods.count != count, Self.clock.now < deadline {
            try await Task.sleep(for: .milliseconds(200))
            pods = try await cluster.podList()
        }
        report.add("pods there in the end", Double(pods.count), "", atMost: Double(count))
        report.add("the same", Double(pods.count), "", atLeast: Double(count))
        let nodes = pods.compactMap { ($0["spec"] as? [String: Any])?["nodeName"] as? String }
        let fullest = Dictionary(grouping: nodes) { $0 }.values.map(\.count).max() ?? 0
        report.add("pods on the fullest node", Double(fullest), "", atMost: Double(ControlledCluster.podsPerNode))
    }

    /// splitmix64
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }
}
