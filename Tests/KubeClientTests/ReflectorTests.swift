import KubeAPI
import Logging
import NIOCore
import Synchronization
import TestServers
import TestThreads
import Testing

@testable import KubeClient

/// A reflector against a server that follows a script: what the consumer hears, and what the server is asked.
@Suite(.ownThread, .timeLimit(.minutes(30))) struct ReflectorTests {
    /// What a consumer heard, as text.
    private typealias Heard = Recorder<String>

    private static func text(_ event: ReflectorEvent<Service>) -> String {
        switch event {
        case .replaceBegin: "begin"
        case .upsert(let service): "+\(service.metadata.name)@\(service.metadata.resourceVersion)"
        case .replaceEnd: "end"
        case .delete(let key): "-\(key.name)"
        case .malformed(let key, _): "?\(key?.name ?? "")"
        case .notServed: "not served"
        }
    }

    /// Times small enough for tests.
    private static var policy: ReflectorPolicy {
        var policy = ReflectorPolicy()
        policy.shortestWatch = .zero
        policy.resumeJitter = .milliseconds(5)
        policy.notServedDelay = .milliseconds(20)
        policy.backoff = Backoff.Policy(initial: .milliseconds(10), limit: .milliseconds(40), resetAfter: .seconds(60))
        return policy
    }

    /// Runs a reflector while `body` looks on.
    private func reflect(
        _ server: FakeAPIServer, policy: ReflectorPolicy = Self.policy, options: KubeClient.Options? = nil,
        consumer: (@Sendable (ReflectorEvent<Service>) async -> Void)? = nil, logger: Logger = .quiet,
        _ body: (Recorder<String>) async throws -> Void
    ) async throws {
        if server.port == 0 { try await server.start() }
        var defaults = KubeClient.Options()
        defaults.qps = 0
        let client = KubeClient(
            ServerConnection(server: ServerAddress(isTLS: false, host: server.host, port: server.port)),
            options: options ?? defaults, logger: .quiet)
        let heard = Recorder<String>()
        let selection = ResourceSelection(
            path: "/api/v1/services", fieldSelector: "spec.clusterIP!=None", labelSelector: "!headless")
        let reflector = Reflector<Service>(client: client, selection: selection, policy: policy, logger: logger) {
            event in
            await consumer?(event)
            heard.record(Self.text(event))
        }
        let running = Task { await reflector.run() }
        do {
            try await body(heard)
        } catch {
            Issue.record(error)
        }
        running.cancel()
        await running.value
        await server.stop()
        try await client.shutdown()
    }

    // MARK: - First picture

    @Test func streamsTheInitialListAndFollows() async throws {
        let server = FakeAPIServer { request, exchange in
            try await exchange.head()
            try await exchange.line(Wire.added("a", version: 1))
            try await exchange.line(Wire.added("b", version: 2))
            try await exchange.line(Wire.bookmark(3, endsInitialEvents: true))
            try await exchange.line(Wire.modified("a", version: 4))
            try await exchange.line(Wire.deleted("b", version: 5))
            try await exchange.hold()
        }
        try await reflect(server) { heard in
            await heard.wait { $0.last == "-b" }
            #expect(heard.elements == ["begin", "+a@1", "+b@2", "end", "+a@4", "-b"])
            let request = try #require(server.requests.first)
            #expect(server.requests.count == 1)
            #expect(request.path == "/api/v1/services")
            #expect(
                request.query.filter { $0.key != "timeoutSeconds" } == [
                    "watch": "1", "allowWatchBookmarks": "true", "sendInitialEvents": "true",
                    "resourceVersionMatch": "NotOlderThan", "resourceVersion": "",
                    "fieldSelector": "spec.clusterIP!=None", "labelSelector": "!headless",
                ])
        }
    }

    @Test(arguments: [400, 422, 415]) func listsWhenTheStreamIsRefused(code: Int) async throws {
        let server = FakeAPIServer { request, exchange in
            if request.isInitialWatch { return try await exchange.refuse(code, "Invalid") }
            if request.isWatch {
                try await exchange.head()
                try await exchange.line(Wire.modified("b", version: 12))
                return try await exchange.hold()
            }
            if request.query["continue"] == "page2" {
                return try await exchange.reply(200, Wire.list(["c"], version: 10))
            }
            try await exchange.reply(200, Wire.list(["a", "b"], version: 10, continuation: "page2"))
        }
        try await reflect(server) { heard in
            await heard.wait { $0.last == "+b@12" }
            #expect(heard.elements == ["begin", "+a@10", "+b@10", "+c@10", "end", "+b@12"])
            #expect(server.requests.map { $0.query["resourceVersion"] } == ["", "0", nil, "10"])
            #expect(server.requests[1].query["limit"] == "500")
            #expect(server.requests[3].query["sendInitialEvents"] == nil)
        }
    }

    @Test func listsWhenTheStreamIsIgnored() async throws {
        var policy = Self.policy
        policy.initialSilence = .milliseconds(100)
        let server = FakeAPIServer { request, exchange in
            guard request.isWatch else { return try await exchange.reply(200, Wire.list(["a"], version: 10)) }
            try await exchange.head()
            try await exchange.hold()
        }
        try await reflect(server, policy: policy) { heard in
            await heard.wait { $0.last == "end" }
            #expect(heard.elements == ["begin", "begin", "+a@10", "end"])
        }
    }

    @Test func aContinueTokenThatExpiresBringsTheWholeListAtOnce() async throws {
        var policy = Self.policy
        policy.usesWatchList = false
        let server = FakeAPIServer { request, exchange in
            if request.isWatch { return try await exchange.hold() }
            if request.query["continue"] != nil { return try await exchange.refuse(410, "Expired") }
            if request.query["limit"] == nil {
                return try await exchange.reply(200, Wire.list(["a", "c"], version: 11))
            }
            try await exchange.reply(200, Wire.list(["a", "b"], version: 10, continuation: "next"))
        }
        try await reflect(server, policy: policy) { heard in
            await heard.wait { $0.last == "end" }
            #expect(heard.elements == ["begin", "+a@10", "+b@10", "begin", "+a@11", "+c@11", "end"])
        }
    }

    @Test func aResourceThatIsNotServedIsReported() async throws {
        let server = FakeAPIServer { _, exchange in
            try await exchange.reply(404, "404 page not found")
        }
        try await reflect(server) { heard in
            await heard.wait { $0.count == 2 }
            #expect(heard.elements.prefix(2) == ["not served", "not served"])
        }
    }

    // MARK: - Interruptions

    /// Serves a first picture {a} at revision 10; later watches go to `script` with their count, from 1.
    private func server(
        host: String = "127.0.0.1",
        _ script: @escaping @Sendable (Int, FakeAPIServer.Request, FakeAPIServer.Exchange) async throws -> Void
    ) -> FakeAPIServer {
        let count = Mutex(0)
        return FakeAPIServer(host: host) { request, exchange in
            if request.isWatch, !request.isInitialWatch {
                let number = count.withLock { count in
                    count += 1
                    return count
                }
                return try await script(number, request, exchange)
            }
            try await exchange.head()
            try await exchange.line(Wire.added("a", version: 9))
            try await exchange.line(Wire.bookmark(10, endsInitialEvents: true))
            try await exchange.end()
        }
    }

    @Test func resumesAtTheLastRevisionWithoutAList() async throws {
        let server = server { number, request, exchange in
            try await exchange.head()
            switch number {
            case 1:
                try await exchange.line(Wire.added("b", version: 11))
                try await exchange.line(Wire.bookmark(20))
                try await exchange.end()
            case 2:
                try await exchange.line(Wire.added("c", version: 21))
                try await exchange.drop()
            default:
                try await exchange.line(Wire.added("d", version: 22))
                try await exchange.hold()
            }
        }
        try await reflect(server) { heard in
            await heard.wait { $0.last == "+d@22" }
            #expect(heard.elements == ["begin", "+a@9", "end", "+b@11", "+c@21", "+d@22"])
            #expect(server.requests.map { $0.query["resourceVersion"] } == ["", "10", "20", "21"])
        }
    }

    @Test(arguments: [true, false]) func anExpiredRevisionBringsANewPicture(asEvent: Bool) async throws {
        let server = server { number, _, exchange in
            guard number == 1 else { return try await exchange.hold() }
            guard asEvent else { return try await exchange.refuse(410, "Expired") }
            try await exchange.head()
            try await exchange.line(Wire.event("ERROR", FakeAPIServer.status(410, "Expired")))
            try await exchange.end()
        }
        try await reflect(server) { heard in
            await heard.wait { $0.filter { $0 == "end" }.count == 2 }
            #expect(heard.elements == ["begin", "+a@9", "end", "begin", "+a@9", "end"])
        }
    }

    @Test func serverErrorsAreRetriedAtTheSameRevision() async throws {
        let server = server { number, _, exchange in
            if number < 5 { return try await exchange.refuse(500, "InternalError") }
            try await exchange.head()
            try await exchange.line(Wire.added("b", version: 11))
            try await exchange.hold()
        }
        try await reflect(server) { heard in
            await heard.wait { $0.last == "+b@11" }
            #expect(server.requests.map { $0.query["resourceVersion"] } == ["", "10", "10", "10", "10", "10"])
        }
    }

    @Test func aSilentWatchIsReplaced() async throws {
        var policy = Self.policy
        policy.watchTimeout = 0...0
        policy.grace = .milliseconds(50)
        let server = server { number, _, exchange in
            try await exchange.head()
            if number == 3 { try await exchange.line(Wire.added("b", version: 11)) }
            try await exchange.hold()
        }
        try await reflect(server, policy: policy) { heard in
            await heard.wait { $0.last == "+b@11" }
            #expect(heard.elements == ["begin", "+a@9", "end", "+b@11"])
        }
    }

    @Test func aServerRestartCostsWatchesAndNoList() async throws {
        // An address of its own, so that nobody takes the port in the meantime.
        let server = server(host: "127.77.0.1") { number, _, exchange in
            try await exchange.head()
            if number == 1 { try await exchange.line(Wire.added("b", version: 11)) }
            try await exchange.hold()
        }
        let log = Recorder<String>()
        try await reflect(server, logger: .recording(log)) { heard in
            await heard.wait { $0.last == "+b@11" }
            let port = server.port
            await server.stop()
            try await Task.sleep(for: .milliseconds(200))
            let revived = Recorder<FakeAPIServer.Request>()
            let again = FakeAPIServer(host: server.host) { request, exchange in
                revived.record(request)
                try await exchange.head()
                try await exchange.line(Wire.added("c", version: 12))
                try await exchange.hold()
            }
            try await again.start(port: port)
            await heard.wait { $0.last == "+c@12" }
            #expect(heard.elements == ["begin", "+a@9", "end", "+b@11", "+c@12"])
            #expect(revived.elements.count == 1)
            #expect(revived.elements.first?.query["resourceVersion"] == "11")
            let refusals = log.elements.filter {
                $0.hasPrefix("interrupted error=API server not reached: connection refused next=retry in ")
            }
            #expect(!refusals.isEmpty && refusals.allSatisfy { $0.hasSuffix("ms") }, "\(log.elements)")
            #expect(log.elements.last == "watching again")
            await again.stop()
        }
    }

    // MARK: - Bad bytes

    @Test func malformedObjectsAreSkippedAndReported() async throws {
        let server = server { number, request, exchange in
            guard number == 1 else { return try await exchange.hold() }
            let broken = #"{"metadata":{"name":"x","namespace":"default","resourceVersion":"13"},"spec":7}"#
            try await exchange.head()
            try await exchange.line(#"{"type":"ADDED","object":{"metadata":{"name":"b"#)
            try await exchange.line("null")
            try await exchange.line(Wire.event("ADDED", broken))
            try await exchange.line(Wire.added("c", version: 12))
            try await exchange.line(Wire.event("ADDED", broken))
            try await exchange.write(#"{"type":"ADDED","obj"#)
            try await exchange.end()
        }
        try await reflect(server) { heard in
            await heard.wait { $0.count == 9 }
            #expect(heard.elements == ["begin", "+a@9", "end", "?", "?", "?x", "+c@12", "?x", "?"])
            while server.requests.count < 3 { await Task.yield() }
            #expect(server.requests[2].query["resourceVersion"] == "13")
        }
    }

    @Test func aMalformedItemDoesNotSpoilTheList() async throws {
        var policy = Self.policy
        policy.usesWatchList = false
        let server = FakeAPIServer { request, exchange in
            if request.isWatch { return try await exchange.hold() }
            let items = [
                Wire.service("a", version: 1), #"{"metadata":{"name":"x"},"spec":7}"#, Wire.service("b", version: 2),
            ]
            try await exchange.reply(
                200, #"{"metadata":{"resourceVersion":"5"},"items":[\#(items.joined(separator: ","))]}"#)
        }
        try await reflect(server, policy: policy) { heard in
            await heard.wait { $0.last == "end" }
            #expect(heard.elements == ["begin", "+a@1", "?x", "+b@2", "end"])
        }
    }

    @Test func aTruncatedListIsAskedForAgain() async throws {
        var policy = Self.policy
        policy.usesWatchList = false
        let count = Mutex(0)
        let server = FakeAPIServer { request, exchange in
            if request.isWatch { return try await exchange.hold() }
            let text = Wire.list(["a", "b"], version: 5)
            let isFirst = count.withLock { count in
                count += 1
                return count == 1
            }
            try await exchange.reply(200, isFirst ? String(text.dropLast(80)) : text)
        }
        try await reflect(server, policy: policy) { heard in
            await heard.wait { $0.last == "end" }
            #expect(heard.elements == ["begin", "+a@5", "begin", "+a@5", "+b@5", "end"])
        }
    }

    @Test func eventsLargerThanTheLimitAreSkipped() async throws {
        var options = KubeClient.Options()
        options.objectLimit = 1000
        let server = server { _, _, exchange in
            try await exchange.head()
            try await exchange.line(Wire.added(String(repeating: "x", count: 5000), version: 11))
            try await exchange.line(Wire.added("b", version: 12))
            try await exchange.hold()
        }
        try await reflect(server, options: options) { heard in
            await heard.wait { $0.last == "+b@12" }
            #expect(heard.elements == ["begin", "+a@9", "end", "?", "+b@12"])
        }
    }

    @Test func garbageNeverBecomesAHotLoop() async throws {
        var policy = Self.policy
        policy.shortestWatch = .seconds(1)
        policy.backoff = Backoff.Policy(initial: .milliseconds(50), limit: .seconds(1), resetAfter: .seconds(60))
        let server = server { _, _, exchange in
            try await exchange.head()
            try await exchange.line("garbage")
            try await exchange.end()
        }
        try await reflect(server, policy: policy) { heard in
            await heard.wait { $0.last == "?" }
            try await Task.sleep(for: .milliseconds(500))
            #expect(server.requests.count < 8)
        }
    }

    // MARK: - Flow

    @Test func aSlowConsumerSlowsTheServer() async throws {
        let written = Mutex(0)
        let padding = String(repeating: " ", count: 100_000)
        let server = server { _, _, exchange in
            try await exchange.head()
            for number in 0..<500 {
                try await exchange.line(Wire.added("b", version: 11 + number) + padding)
                written.withLock { $0 += 1 }
            }
            try await exchange.hold()
        }
        let gate = AsyncStream.makeStream(of: Void.self)
        let isFirst = Mutex(true)
        try await reflect(
            server,
            consumer: { event in
                guard case .upsert(let service) = event, service.metadata.name == "b" else { return }
                let waits = isFirst.withLock { isFirst in
                    defer { isFirst = false }
                    return isFirst
                }
                if waits { for await _ in gate.stream {} }
            }
        ) { heard in
            await heard.wait { $0.last == "end" }
            try await Task.sleep(for: .milliseconds(300))
            #expect(written.withLock { $0 } < 250)
            gate.continuation.finish()
            await heard.wait { $0.last == "+b@510" }
        }
    }

    @Test func eventsReachTheConsumerAtOnce() async throws {
        let times = Mutex([ContinuousClock.Instant]())
        let delays = Recorder<Double>()
        let server = server { _, _, exchange in
            try await exchange.head()
            for number in 0..<200 {
                try await Task.sleep(for: .milliseconds(2))
                times.withLock { $0.append(.now) }
                try await exchange.line(Wire.added("b", version: 11 + number))
            }
            try await exchange.hold()
        }
        try await reflect(
            server,
            consumer: { event in
                guard case .upsert(let service) = event, let version = Int(service.metadata.resourceVersion),
                    version > 10
                else { return }
                let sent = times.withLock { $0[version - 11] }
                delays.record((.now - sent) / .microseconds(1))
            }
        ) { _ in
            await delays.wait { $0.count == 200 }
            // Alone and optimised it is some 100 µs; the bound only excludes waiting.
            #expect(delays.elements.sorted()[100] < 20_000)
        }
    }
}
