import Logging
import Synchronization
import TestThreads
import Testing

@testable import Telemetry

@Suite(.ownThread, .serialized, .timeLimit(.minutes(30))) struct HTTPServerTests {
    private static func routes() -> HTTPRoutes {
        var routes = HTTPRoutes()
        routes.get("/hello") { .text("hello \($0.query)\n", headers: [HTTPHeader("X-Test", "1")]) }
        routes.get("/status") { _ in .json(Array("{}".utf8), status: 503) }
        routes.get("/agent") { .text($0.header("user-agent") ?? "none") }
        routes.put("/level") { .text(String(decoding: $0.body, as: UTF8.self)) }
        routes.getLater("/slow") { _, answer in
            Task {
                try? await Task.sleep(for: .milliseconds(500))
                answer(.text("slowly"))
            }
        }
        routes.getLater("/later") { _, answer in Task { answer(.text("at last")) } }
        routes.get("/large") { _ in HTTPResponse(body: Array(repeating: 0x61, count: 8 << 20)) }
        routes.get("/below/*") { .text($0.path) }
        return routes
    }

    private func serving(
        host: String = "127.0.0.1", limits: HTTPLimits = HTTPLimits(), logger: Logger? = nil,
        _ body: (HTTPListener, HTTPListeners) async throws -> Void
    ) async throws {
        let server = HTTPListeners()
        do {
            var endpoint = HTTPEndpoint(host: host, port: 0, origin: "flag --test", routes: Self.routes())
            endpoint.limits = limits
            endpoint.logger = logger
            try await body(try await server.listen(endpoint), server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test func answersOnOneConnection() async throws {
        try await serving { listener, _ in
            let client = try RawClient(port: listener.port)
            let hello = try client.get("/hello?a=b")
            #expect(hello.status == 200)
            #expect(hello.body == "hello a=b\n")
            #expect(hello.headers["x-test"] == "1")
            #expect(hello.headers["content-length"] == "10")
            let head = try client.get("/hello?a=b", method: "HEAD")
            #expect(head.status == 200)
            #expect(head.headers["content-length"] == "10")
            #expect(try client.get("/status").status == 503)
            #expect(try client.get("/nothing").status == 404)
            #expect(try client.get("/below/x/y").body == "/below/x/y")
            #expect(try client.get("/agent").body == "none")
            #expect(try client.get("/later").body == "at last")
            let wrong = try client.get("/hello", method: "DELETE")
            #expect(wrong.status == 405)
            #expect(wrong.headers["allow"] == "GET")
        }
    }

    @Test func answersPipelinedRequestsInOrder() async throws {
        try await serving { listener, _ in
            let client = try RawClient(port: listener.port)
            try client.send(
                "GET /hello?1 HTTP/1.1\r\nHost: x\r\n\r\nGET /hello?2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            var text = ""
            while let bytes = try client.receive() { text += String(decoding: bytes, as: UTF8.self) }
            let bodies = text.split(separator: "\r\n").filter { $0.hasPrefix("hello") || $0.contains("\nhello") }
            #expect(text.contains("hello 1") && text.contains("hello 2"))
            #expect(bodies.first?.contains("hello 1") == true)
        }
    }

    @Test func closesAfterHTTP10() async throws {
        try await serving { listener, _ in
            let client = try RawClient(port: listener.port)
            try client.send("GET /hello HTTP/1.0\r\n\r\n")
            #expect(try client.answer().body == "hello \n")
            #expect(try client.receive() == nil)
        }
    }

    @Test func takesABodyWithinBounds() async throws {
        var limits = HTTPLimits()
        limits.bodyBytes = 10
        try await serving(limits: limits) { listener, _ in
            let client = try RawClient(port: listener.port)
            try client.send("PUT /level HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde")
            #expect(try client.answer().body == "abcde")
            try client.send("PUT /level HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nabcdefghijk")
            #expect(try client.answer().status == 413)
            #expect(try client.receive() == nil)
        }
    }

    @Test(arguments: [
        ("GET /hello HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "a", count: 20_000))\r\n\r\n", 431),
        ("GET /hello HTTP/1.1\r\nHost: x\r\n\((0..<100).map { "A\($0): b\r\n" }.joined())\r\n", 431),
        ("GET /hello HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400),
        ("nonsense\r\n\r\n", 400),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}", 400),
    ])
    func refusesBadHeads(request: String, status: Int) async throws {
        try await serving { listener, _ in
            let client = try RawClient(port: listener.port)
            try client.send(request)
            #expect(try client.answer().status == status)
            #expect(try client.receive() == nil)
            #expect(try RawClient(port: listener.port).get("/hello").status == 200)
        }
    }

    @Test func closesSlowClients() async throws {
        var limits = HTTPLimits()
        limits.readTimeout = .milliseconds(200)
        limits.idleTimeout = .milliseconds(300)
        try await serving(limits: limits) { listener, _ in
            let silent = try RawClient(port: listener.port)
            let dripping = try RawClient(port: listener.port)
            let idle = try RawClient(port: listener.port)
            let start = ContinuousClock.now
            #expect(try idle.get("/hello").status == 200)
            for letter in "GET /he" {
                try? dripping.send(String(letter))
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(try silent.receive() == nil)
            #expect(try dripping.receive() == nil)
            #expect(try idle.receive() == nil)
            #expect(ContinuousClock.now - start < .seconds(4))
        }
    }

    @Test func closesClientsThatDoNotRead() async throws {
        var limits = HTTPLimits()
        limits.writeTimeout = .milliseconds(200)
        try await serving(limits: limits) { listener, _ in
            let client = try RawClient(port: listener.port)
            try client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
            for _ in 0..<100 where listener.connectionCount == 0 { try await Task.sleep(for: .milliseconds(10)) }
            for _ in 0..<100 where listener.connectionCount > 0 { try await Task.sleep(for: .milliseconds(20)) }
            #expect(listener.connectionCount == 0)
        }
    }

    @Test func theLongestWithoutARequestMakesRoom() async throws {
        var limits = HTTPLimits()
        limits.connections = 3
        let log = Mutex<[String]>([])
        let logger = Logger(label: "test") { _ in
            LineLogHandler(format: .klog, settings: LogSettings()) { line in log.withLock { $0.append(line) } }
        }
        try await serving(limits: limits, logger: logger) { listener, _ in
            let served = try RawClient(port: listener.port)
            #expect(try served.get("/hello").status == 200)
            let silent = try (0..<3).map { _ in try RawClient(port: listener.port) }
            #expect(try silent[0].receive() == nil)
            #expect(log.withLock { $0.count } == 1)
            let half = try RawClient(port: listener.port)
            try half.send("GET /hello HTTP/1.1\r\n")
            #expect(try silent[1].receive() == nil)
            #expect(try served.get("/hello").status == 200)
            let fresh = try RawClient(port: listener.port)
            #expect(try silent[2].receive() == nil)
            #expect(try fresh.get("/hello").status == 200)
            let last = try RawClient(port: listener.port)
            #expect(try half.receive() == nil)
            #expect(try last.get("/hello").status == 200)
        }
        #expect(log.withLock { $0.count } == 1)
    }

    @Test func aFloodOfIdleConnectionsShutsNobodyOut() async throws {
        var limits = HTTPLimits()
        limits.connections = 10
        try await serving(limits: limits) { listener, _ in
            let flood = try (0..<100).map { _ in try RawClient(port: listener.port) }
            for _ in 0..<5 { #expect(try RawClient(port: listener.port).get("/hello").status == 200) }
            #expect(listener.connectionCount <= 10)
            withExtendedLifetime(flood) {}
        }
    }

    @Test func thoseBeingAnsweredKeepTheirPlace() async throws {
        var limits = HTTPLimits()
        limits.connections = 2
        try await serving(limits: limits) { listener, _ in
            let clients = try (0..<2).map { _ in try RawClient(port: listener.port) }
            for client in clients { try client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n") }
            try await Task.sleep(for: .milliseconds(100))
            #expect(try RawClient(port: listener.port).receive() == nil)
            for client in clients { #expect(try client.answer().body == "slowly") }
            #expect(try RawClient(port: listener.port).get("/hello").status == 200)
        }
    }

    @Test func saysWhyItCannotListen() async throws {
        try await serving { listener, server in
            let endpoint = HTTPEndpoint(
                host: "127.0.0.1", port: listener.port, origin: "flag --metrics-bind-address", routes: HTTPRoutes())
            let busy = await #expect(throws: ListenError.self) { try await server.listen(endpoint) }
            #expect(
                busy?.description == "cannot listen on 127.0.0.1:\(listener.port): address already in use "
                    + "(flag --metrics-bind-address)")
            var foreign = endpoint
            foreign.host = "192.0.2.1"
            let absent = await #expect(throws: ListenError.self) { try await server.listen(foreign) }
            #expect(absent?.reason == "cannot assign requested address")
            foreign.host = "localhost"
            let named = await #expect(throws: ListenError.self) { try await server.listen(foreign) }
            #expect(named?.reason == "not an IP address")
        }
    }

    @Test func addsAndRemovesListeners() async throws {
        try await serving(host: "::1") { first, server in
            #expect(try RawClient(port: first.port, isIPv6: true).get("/hello").status == 200)
            let endpoint = HTTPEndpoint(host: "127.0.0.1", port: 0, origin: "test", routes: Self.routes())
            let second = try await server.listen(endpoint)
            let port = second.port
            let client = try RawClient(port: port)
            #expect(try client.get("/hello").status == 200)
            second.close()
            #expect(try client.receive() == nil)
            #expect(throws: RawClient.Failure.self) { try RawClient(port: port) }
            #expect(try RawClient(port: first.port, isIPv6: true).get("/hello").status == 200)
        }
    }

    @Test(arguments: ["0.0.0.0", "::"]) func wildcardsMeanBothFamilies(host: String) async throws {
        try await serving(host: host) { listener, _ in
            let statuses = try [false, true].map { isIPv6 in
                try RawClient(port: listener.port, isIPv6: isIPv6).get("/hello").status
            }
            #expect(statuses == [200, 200])
        }
    }

    @Test func keepsTryingToListen() async throws {
        try await serving { first, server in
            let reports = Reports()
            let endpoint = HTTPEndpoint(
                host: "127.0.0.1", port: first.port, origin: "test", routes: Self.routes())
            let kept = server.keepListening(endpoint, retryEvery: .milliseconds(20)) { reports.add($0) }
            for _ in 0..<100 where reports.all.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
            try await Task.sleep(for: .milliseconds(100))
            #expect(reports.all == ["address already in use"])
            first.close()
            for _ in 0..<200 where kept.port == nil { try await Task.sleep(for: .milliseconds(10)) }
            let port = try #require(kept.port)
            #expect(try RawClient(port: port).get("/hello").status == 200)
            #expect(reports.all == ["address already in use", "\(port)"])
            kept.close()
            for _ in 0..<200 where (try? RawClient(port: port)) != nil { try await Task.sleep(for: .milliseconds(10)) }
            #expect(throws: RawClient.Failure.self) { try RawClient(port: port) }
        }
    }

    @Test func opensNothingAfterItStopped() async throws {
        let server = HTTPListeners()
        await server.stop()
        let endpoint = HTTPEndpoint(host: "127.0.0.1", port: 0, origin: "test", routes: HTTPRoutes())
        await #expect(throws: ListenError.self) { try await server.listen(endpoint) }
    }
}

private final class Reports: Sendable {
    private let texts = Mutex<[String]>([])

    func add(_ result: Result<UInt16, ListenError>) {
        let text =
            switch result {
            case .success(let port): "\(port)"
            case .failure(let error): error.reason
            }
        texts.withLock { $0.append(text) }
    }

    var all: [String] { texts.withLock { $0 } }
}
