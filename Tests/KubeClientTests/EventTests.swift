import KubeAPI
import TestServers
import TestThreads
import Testing

@testable import KubeClient

@Suite(.ownThread, .timeLimit(.minutes(30))) struct EventTests {
    private static func report(_ reason: String = "Failed", name: String = "web", note: String = "n") -> EventReport {
        EventReport(
            severity: .warning, reason: reason, action: "Sync", note: note,
            regarding: .init(apiVersion: "v1", kind: "Service", namespace: "default", name: name, uid: "u1"))
    }

    private static let second = 1_000_000

    @Test func repetitionsBecomeASeries() {
        var aggregator = EventAggregator()
        #expect(aggregator.admit(Self.report(), at: 0)?.series == nil)
        for number in 1...9 {
            #expect(aggregator.admit(Self.report(note: "\(number)"), at: number * Self.second) == nil)
        }
        let post = aggregator.admit(Self.report(), at: 360 * Self.second)
        #expect(post?.series == .init(count: 10, lastSeen: 360 * Self.second))
        #expect(aggregator.admit(Self.report(), at: 361 * Self.second) == nil)
    }

    @Test func oneObjectCannotFloodTheServer() {
        var aggregator = EventAggregator()
        let posted = (0..<100).count { aggregator.admit(Self.report("R\($0)"), at: 0) != nil }
        #expect(posted == 25)
        let other = aggregator.admit(Self.report("R", name: "other"), at: 0)
        let later = aggregator.admit(Self.report("late"), at: 300 * Self.second)
        let tooMany = aggregator.admit(Self.report("later"), at: 300 * Self.second)
        #expect(other != nil && later != nil && tooMany == nil)
    }

    @Test func forgetsTheOldest() {
        var policy = EventAggregator.Policy()
        policy.capacity = 10
        var aggregator = EventAggregator(policy: policy)
        for number in 0..<11 { _ = aggregator.admit(Self.report(name: "s\(number)"), at: number) }
        let forgotten = aggregator.admit(Self.report(name: "s0"), at: 20)
        let remembered = aggregator.admit(Self.report(name: "s10"), at: 20)
        #expect(forgotten != nil && remembered == nil)
    }

    @Test func postsEventsWithoutHoldingTheReporter() async throws {
        let bodies = Recorder<FakeAPIServer.Request>()
        let server = FakeAPIServer { request, exchange in
            bodies.record(request)
            try await exchange.reply(201, "{}")
        }
        try await server.start()
        let client = KubeClient(
            ServerConnection(server: ServerAddress(isTLS: false, host: "127.0.0.1", port: server.port)), logger: .quiet)
        let sink = EventSink(client: client, controller: "kube-proxy", instance: "kube-proxy-node1", logger: .quiet)
        let start = ContinuousClock.now
        for number in 0..<10_000 { sink.report(Self.report(name: "s\(number)", note: "line\n\"quoted\"")) }
        #expect(.now - start < .seconds(1))
        let running = Task { await sink.run() }
        await bodies.wait { $0.count == 50 }
        running.cancel()
        await running.value
        try await client.shutdown()
        await server.stop()

        let request = try #require(bodies.elements.first)
        #expect(request.method == "POST" && request.path == "/apis/events.k8s.io/v1/namespaces/default/events")
        #expect(request.headers["Content-Type"] == ["application/json"])
        let event = try JSONParser.parse(request.body)
        let texts = ["kind": "Event", "type": "Warning", "reason": "Failed", "reportingController": "kube-proxy"]
        for (field, text) in texts { #expect(event[field]?.string == text) }
        #expect(event["note"]?.string == "line\n\"quoted\"")
        #expect(event["regarding"]?["uid"]?.string == "u1")
        #expect(event["metadata"]?["name"]?.string?.hasPrefix("s0.") == true)
        #expect(event["eventTime"]?.string.flatMap(RFC3339.nanoseconds) != nil)
    }
}
