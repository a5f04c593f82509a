import KubeAPI

/// metrics.k8s.io: what nodes and pods use just now. The nodes' agents are asked twice, a second apart; nodes that are
/// not ready, or do not answer, have no figures.
public struct UsageMetrics: ComputedResource {
    public enum Subject: Sendable { case nodes, pods }

    private static let window = Duration.seconds(1)
    private static let summaryBytes = 16 << 20
    /// Nodes that are asked at once.
    private static let width = 64

    private let subject: Subject
    private let client: NodeAgentClient
    private let store: StoredObjects
    private let clock: @Sendable () -> Int64

    /// - Parameter clock: nanoseconds since 1970.
    public init(
        of subject: Subject, _ client: NodeAgentClient, store: StoredObjects, clock: @escaping @Sendable () -> Int64
    ) {
        self.subject = subject
        self.client = client
        self.store = store
        self.clock = clock
    }

    public func objects(namespace: String, name: String) async throws -> [JSONValue] {
        switch subject {
        case .nodes:
            let nodes = try await nodes { name.isEmpty || $0 == name }
            return await readings(nodes).compactMap { $0.readings.node($0.node) }
        case .pods:
            let pods = try await store.list(StorePrefix.pods, namespace: namespace).map(\.object).filter {
                $0[path: "status", "phase"]?.string == "Running"
                    && (name.isEmpty || $0[path: "metadata", "name"]?.string == name)
            }
            let byNode = Dictionary(grouping: pods) { $0[path: "spec", "nodeName"]?.string ?? "" }
            return await readings(try await nodes { byNode[$0] != nil }).flatMap { read in
                (byNode[Self.name(read.node)] ?? []).compactMap(read.readings.pod)
            }
        }
    }

    private static func name(_ object: JSONValue) -> String { object[path: "metadata", "name"]?.string ?? "" }

    private func nodes(_ isWanted: (String) -> Bool) async throws -> [JSONValue] {
        try await store.list(StorePrefix.nodes).map(\.object).filter { node in
            let conditions = node[path: "status", "conditions"]?.array ?? []
            return isWanted(Self.name(node)) && conditions.contains { $0["type"] == "Ready" && $0["status"] == "True" }
        }
    }

    private struct Read: Sendable {
        let node: JSONValue
        let readings: UsageReadings
    }

    private func readings(_ nodes: [JSONValue]) async -> [Read] {
        await withTaskGroup(of: Read?.self) { group in
            var reads: [Read] = []
            var waiting = nodes[...]
            for node in waiting.prefix(Self.width) { group.addTask { await read(node) } }
            waiting = waiting.dropFirst(Self.width)
            while let read = await group.next() {
                if let read { reads.append(read) }
                if let node = waiting.popFirst() { group.addTask { await self.read(node) } }
            }
            return reads
        }
    }

    private func read(_ node: JSONValue) async -> Read? {
        do {
            let location = try NodeAgentLocation(node: node)
            let before = try await summary(location)
            let start = ContinuousClock.now
            try await Task.sleep(for: Self.window)
            let after = try await summary(location)
            return Read(
                node: node,
                readings: UsageReadings(
                    before: before, after: after, elapsed: .now - start,
                    timestamp: RFC3339.text(nanoseconds: clock(), .seconds)))
        } catch {
            return nil
        }
    }

    private func summary(_ location: NodeAgentLocation) async throws -> JSONValue {
        let response = try await client.send(
            AgentRequest(method: "GET", uri: "/stats/summary"), to: location, .agent)
        guard response.head.status == .ok else { throw Status.noSuchPath }
        return try JSONParser.parse(try await response.body(limit: Self.summaryBytes))
    }
}
