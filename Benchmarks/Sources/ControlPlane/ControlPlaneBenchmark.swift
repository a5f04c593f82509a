import Foundation

/// Creates, lists, watches, memory, idle processor time and start of `apus apiserver`, from one client process on the same
/// machine: what the client costs is in every figure.
struct ControlPlaneBenchmark {
    let server: ServerProcess
    let credentials: Credentials
    let client: APIClient
    var report = Report()
    private var rounds = 0
    private static let marks = 40
    private static let services = "/api/v1/namespaces/default/services"
    private static let slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
    private static let configMaps = "/api/v1/namespaces/default/configmaps"

    init(server: ServerProcess, credentials: Credentials, client: APIClient) {
        self.server = server
        self.credentials = credentials
        self.client = client
    }

    mutating func run(objects: Int, watchers: Int) async throws {
        try await creates(objects)
        try await lists()
        report.add("resident memory during load", server.residentMemory, "MiB")
        try await watches(watchers, .together(each: 50), "on \(watchers / 50) connections (HTTP/2)")
        try await watches(watchers, .alone, "each on a connection of its own")
        try await watches(10 * watchers, .together(each: 100), "on \(watchers / 10) connections (HTTP/2)", limit: nil)
        try await Task.sleep(for: .seconds(15))
        report.add(
            "resident memory, \(objects) Services and slices, after load", server.residentMemory, "MiB", atMost: 150)
        try await idle()
    }

    private static func seconds(_ body: () async throws -> Void) async rethrows -> Double {
        let start = ContinuousClock.now
        try await body()
        return Double((ContinuousClock.now - start).components.attoseconds) / 1e18
            + Double((ContinuousClock.now - start).components.seconds)
    }

    /// Runs `body` for 0..<count from `clients` tasks at once.
    private static func concurrently(
        _ count: Int, clients: Int, _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup { group in
            for first in 0..<clients {
                group.addTask { for number in stride(from: first, to: count, by: clients) { try await body(number) } }
            }
            try await group.waitForAll()
        }
    }

    private mutating func creates(_ count: Int) async throws {
        let client = client
        let seconds = try await Self.seconds {
            try await Self.concurrently(count, clients: 8) { number in
                try await client.send("POST", Self.services, body: Manifests.service(number))
                try await client.send("POST", Self.slices, body: Manifests.slice(number))
            }
        }
        report.add("creates, Services and EndpointSlices, 8 clients", Double(2 * count) / seconds, "/s", atLeast: 1500)
    }

    private mutating func lists() async throws {
        for (name, query, limit) in [
            ("list of all Services", "", 150.0), ("the same with resourceVersion=0", "?resourceVersion=0", 150),
            ("one label in a hundred", "?labelSelector=app%3Da7", 150), ("a page of 500", "?limit=500", 20),
        ] {
            var times: [Double] = []
            for _ in 0..<7 {
                times.append(try await Self.seconds { try await client.send("GET", Self.services + query) } * 1000)
            }
            report.add("\(name), median of 7", Sample(times).quantile(0.5), "ms", atMost: limit)
        }
    }

    /// From sending a write to what every watcher sees of it, 40 times.
    private mutating func watches(
        _ count: Int, _ form: WatchConnections.Form, _ words: String, limit: Double? = 20
    ) async throws {
        rounds += 1
        let sightings = Sightings()
        let query = "?watch=1&timeoutSeconds=300&sendInitialEvents=true&allowWatchBookmarks=true"
        let connections = WatchConnections(
            credentials: credentials, port: server.port,
            path: Self.configMaps + query + "&resourceVersionMatch=NotOlderThan", sightings: sightings)
        let channels = try await connections.open(count, form)
        let deadline = ContinuousClock.now + .seconds(30)
        while sightings.ready < count, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(50))
        }
        report.add("memory with \(count) watchers, \(words)", server.residentMemory, "MiB")
        for number in 0..<Self.marks {
            let mark = String(format: "m%05d", number)
            sightings.send(mark)
            let object = Manifests.configMap(rounds * 1000 + number, mark)
            try await client.send("POST", Self.configMaps, body: object)
            try await Task.sleep(for: .milliseconds(150 + count / 20))
        }
        for channel in channels { channel.close(promise: nil) }
        let all = sightings.delays
        report.add(
            "watchers that saw everything, \(words)", Double(all.count) / Double(Self.marks), "", atLeast: Double(count)
        )
        report.add(
            "write sent to seen by \(count) watchers, \(words), p99", Sample(all).quantile(0.99), "ms",
            atMost: limit)
        report.add("the same, median", Sample(all).quantile(0.5), "ms")
    }

    /// Fifty watchers and nothing that changes.
    private mutating func idle() async throws {
        let client = client
        let path = Self.services + "?watch=1&timeoutSeconds=14&resourceVersion=0"
        let server = server
        let share = try await withThrowingTaskGroup { group in
            for _ in 0..<50 {
                group.addTask {
                    let body = try await client.open(path, for: .seconds(30))
                    for try await _ in body {}
                }
            }
            try await Task.sleep(for: .seconds(3))
            let before = server.processorTime
            try await Task.sleep(for: .seconds(10))
            let share = (server.processorTime - before) / 10 * 100
            try await group.waitForAll()
            return share
        }
        report.add("idle processor time, 50 watchers", share, "%", atMost: 0.5)
    }

    /// From exec to ready, with what is in the store.
    mutating func start(objects: Int) async throws {
        let client = client
        let text = String(repeating: "x", count: 256)
        try await Self.concurrently(objects, clients: 16) { number in
            try await client.send("POST", Self.configMaps, body: Manifests.configMap(number + 10_000, text))
        }
        server.stop()
        let seconds = try await Self.seconds {
            try server.start()
            try await client.waitUntilReady(server)
        }
        report.add("start to ready", seconds, "s", atMost: 2)
    }
}
