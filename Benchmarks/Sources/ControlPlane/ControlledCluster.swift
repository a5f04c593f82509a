import Foundation

/// An API server with scheduler, controller manager and simulated nodes, each a process of its own.
final class ControlledCluster {
    static let podsPerNode = 250

    let server: ServerProcess
    let client: APIClient
    let nodes: Int
    private(set) var daemons: [String: Daemon] = [:]

    /// - Parameter parts: which run from the beginning, besides the nodes.
    init(_ running: RunningServer, nodes: Int, parts: [String] = ["controller-manager", "scheduler"]) throws {
        server = running.server
        client = running.administrator
        self.nodes = nodes
        for name in parts { try start(name) }
        daemons["agent"] = try daemon(
            "agent", ["--simulate", "\(nodes)", "--capacity", "cpu=250,memory=1024Gi,pods=\(Self.podsPerNode)"])
    }

    private func daemon(_ name: String, _ more: [String]) throws -> Daemon {
        try Daemon(
            program: server.program, [name, "--kubeconfig", server.kubeconfig.path] + more,
            log: server.folder.appending(path: "\(name).log"))
    }

    func start(_ name: String) throws {
        // Another one leads at once: the killed one's Lease would be waited for.
        daemons[name] = try daemon(name, ["--port", "0", "--leader-elect=false"])
    }

    /// Kills it and starts another.
    func restart(_ name: String) throws {
        daemons.removeValue(forKey: name)?.crash()
        try start(name)
    }

    func stop() {
        for daemon in daemons.values { daemon.stop() }
        daemons = [:]
    }

    // MARK: - Objects

    private static let deployments = "/apis/apps/v1/namespaces/default/deployments"
    private static let pods = "/api/v1/namespaces/default/pods"

    func createDeployment(_ name: String, replicas: Int) async throws {
        let text = """
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"\(name)"},"spec":{"replicas":\(replicas),\
            "selector":{"matchLabels":{"app":"\(name)"}},"template":{"metadata":{"labels":{"app":"\(name)"}},"spec":\
            {"terminationGracePeriodSeconds":1,"containers":[{"name":"c","image":"example.org/web:v1","resources":\
            {"requests":{"cpu":"1"}}}]}}}}
            """
        try await client.send("POST", Self.deployments, body: text)
    }

    func scale(_ name: String, to replicas: Int) async throws {
        try await client.send(
            "PATCH", "\(Self.deployments)/\(name)", body: #"{"spec":{"replicas":\#(replicas)}}"#,
            type: "application/merge-patch+json")
    }

    func deleteDeployment(_ name: String) async throws {
        try await client.send("DELETE", "\(Self.deployments)/\(name)")
    }

    /// Waits until every Deployment named has so many pods, all ready and of its newest template.
    func waitUntilReady(_ wanted: [String: Int], seconds: Double = 180) async throws {
        for (name, replicas) in wanted.sorted(by: { $0.key < $1.key }) {
            try await wait(seconds, "Deployment \(name) with \(replicas) ready pods") {
                let object = try await self.json("\(Self.deployments)/\(name)")
                let status = object["status"] as? [String: Any] ?? [:]
                let numbers = ["replicas", "updatedReplicas", "readyReplicas"].map { status[$0] as? Int ?? 0 }
                return numbers.allSatisfy { $0 == replicas }
            }
        }
    }

    func waitUntilNoPods() async throws {
        try await wait(180, "no pod left") { try await self.podList().isEmpty }
    }

    /// Every `interval` all nodes are listed.
    func waitUntilNodesAreReady(interval: Duration = .milliseconds(50)) async throws {
        try await wait(300, "ready nodes", every: interval) {
            let items = try await self.json("/api/v1/nodes")["items"] as? [[String: Any]] ?? []
            return items.count == self.nodes
                && items.allSatisfy { (($0["spec"] as? [String: Any])?["taints"] as? [Any] ?? []).isEmpty }
        }
    }

    func waitUntilMade(_ name: String, replicas: Int) async throws {
        try await wait(300, "Deployment \(name) with \(replicas) pods") {
            let status = try await self.json("\(Self.deployments)/\(name)")["status"] as? [String: Any]
            return status?["replicas"] as? Int == replicas
        }
    }

    func waitUntilAllPodsAreBound() async throws {
        try await wait(300, "no pod without a node") {
            let list = try await self.json("\(Self.pods)?fieldSelector=spec.nodeName%3D&limit=1")
            return (list["items"] as? [Any] ?? []).isEmpty
        }
    }

    func podList() async throws -> [[String: Any]] {
        try await json(Self.pods)["items"] as? [[String: Any]] ?? []
    }

    /// Until nothing is written but what 25 nodes renew: events come long after what they tell of.
    func waitUntilQuiet() async throws {
        var last = try await revision()
        try await wait(300, "a quiet cluster") {
            try await Task.sleep(for: .seconds(10))
            let now = try await revision()
            defer { last = now }
            return now - last < 100
        }
    }

    private func revision() async throws -> Int {
        let metadata = try await json("/api/v1/events?limit=1")["metadata"] as? [String: Any]
        return (metadata?["resourceVersion"] as? String).flatMap { Int($0) } ?? 0
    }

    private func json(_ path: String) async throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: try await client.data(path)) as? [String: Any] ?? [:]
    }

    private func wait(
        _ seconds: Double, _ what: String, every interval: Duration = .milliseconds(50),
        _ isDone: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            if try await isDone() { return }
            try await Task.sleep(for: interval)
        }
        throw ServerProcess.Failure(description: "still not there after \(Int(seconds)) s: \(what)")
    }
}
