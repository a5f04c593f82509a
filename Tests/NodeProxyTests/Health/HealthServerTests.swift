import Glibc
import KubeAPI
import Logging
import NetTypes
import ProxyCore
import Synchronization
import Telemetry
import TestServers
import TestThreads
import Testing

@testable import NodeProxy

@Suite(.ownThread, .serialized, .timeLimit(.minutes(30))) struct HealthServerTests {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func serving(_ body: (HTTPListeners, ProxyHealth, ProxyMetrics) async throws -> Void) async throws {
        let server = HTTPListeners()
        let metrics = ProxyMetrics(build: BuildInfo(version: "v1.2.3"))
        let health = ProxyHealth(HealthState(syncPeriod: .seconds(30), needsNode: false), metrics: metrics)
        do {
            try await body(server, health, metrics)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test func answersForTheProxy() async throws {
        try await serving { server, health, metrics in
            let endpoint = HTTPEndpoint(host: "127.0.0.1", port: 0, origin: "test", routes: health.routes)
            let port = try await server.listen(endpoint).port
            #expect(try PlainHTTP.get(port, "/readyz").hasPrefix("HTTP/1.1 503 "))
            health.queued([.ipv4])
            #expect(try PlainHTTP.get(port, "/readyz").hasPrefix("HTTP/1.1 503 "))
            health.updated(IPFamily.allCases)
            #expect(try PlainHTTP.get(port, "/readyz").hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(try PlainHTTP.get(port, "/healthz").hasPrefix("HTTP/1.1 200 OK\r\n"))
            health.setNode(HealthStateTests.node(taints: [HealthState.deletionTaint]))
            let answer = try PlainHTTP.get(port, "/healthz")
            #expect(answer.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
            #expect(answer.contains("\"nodeEligible\":false"))
            #expect(answer.contains("X-Content-Type-Options: nosniff\r\n"))
            #expect(try PlainHTTP.get(port, "/livez").hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(metrics.healthz["200"].value == 1)
            #expect(metrics.healthz["503"].value == 1)
            #expect(metrics.livez["200"].value == 1)
        }
    }

    private static func check(_ name: String, _ port: UInt16, _ endpoints: Int) -> HealthCheck {
        HealthCheck(service: NamespacedName(namespace: "ns", name: name), port: port, localEndpoints: endpoints)
    }

    @Test func writesTheBodyOfKubeProxy() {
        let answer = HealthCheckServers.response(Self.check("web", 1, 2), isProxyHealthy: true)
        #expect(answer.status == 200)
        #expect(
            String(decoding: answer.body, as: UTF8.self)
                == #"{"service":{"namespace":"ns","name":"web"},"localEndpoints":2,"serviceProxyHealthy":true}"#)
        #expect(answer.headers.contains(HTTPHeader("X-Load-Balancing-Endpoint-Weight", "2")))
        #expect(HealthCheckServers.response(Self.check("web", 1, 0), isProxyHealthy: true).status == 503)
        #expect(HealthCheckServers.response(Self.check("web", 1, 2), isProxyHealthy: false).status == 503)
    }

    @Test func oneServicePerPort() {
        let checks = [Self.check("b", 1, 5), Self.check("a", 1, 6), Self.check("c", 2, 7)]
        #expect(HealthCheckServers.byPort(checks).values.map(\.service.name).sorted() == ["a", "c"])
        #expect(HealthCheckServers.places([1, 2], nil).count == 2)
        #expect(HealthCheckServers.places([1, 2], [IPAddress(127, 0, 0, 1), IPAddress(10, 0, 0, 1)]).count == 4)
        #expect(HealthCheckServers.places([1, 2], []).isEmpty)
    }

    @Test func opensAndClosesNodePorts() async throws {
        try await serving { server, health, _ in
            let servers = HealthCheckServers(server: server, health: health, logger: Self.quiet) { _, _ in }
            let (first, second) = (try PlainHTTP.freePort(), try PlainHTTP.freePort())
            let loopback = [IPAddress(127, 0, 0, 1)]
            servers.update(ServedHealthChecks([Self.check("a", first, 2), Self.check("b", second, 0)], on: loopback))
            #expect(try await Self.eventually(first) { $0.hasPrefix("HTTP/1.1 200 ") })
            let answer = try PlainHTTP.get(second, "/anything")
            #expect(answer.hasPrefix("HTTP/1.1 503 "))
            #expect(answer.contains("X-Load-Balancing-Endpoint-Weight: 0\r\n"))
            servers.update(ServedHealthChecks([Self.check("a", first, 0)], on: loopback))
            #expect(try await Self.eventually(first) { $0.hasPrefix("HTTP/1.1 503 ") })
            #expect(try await Self.eventually(second) { $0.isEmpty })
            servers.update(ServedHealthChecks([Self.check("a", first, 1)], on: nil))
            #expect(try await Self.eventually(first) { $0.hasPrefix("HTTP/1.1 200 ") })
            servers.update(ServedHealthChecks([], on: nil))
            #expect(try await Self.eventually(first) { $0.isEmpty })
        }
    }

    @Test func anUnhealthyProxyFailsItsChecks() async throws {
        try await serving { server, health, _ in
            let servers = HealthCheckServers(server: server, health: health, logger: Self.quiet) { _, _ in }
            let port = try PlainHTTP.freePort()
            servers.update(ServedHealthChecks([Self.check("a", port, 2)], on: [IPAddress(127, 0, 0, 1)]))
            health.setSyncPeriod(.zero)
            health.queued([.ipv4])
            #expect(try await Self.eventually(port) { $0.hasPrefix("HTTP/1.1 503 ") })
            #expect(try PlainHTTP.get(port, "/").contains("\"serviceProxyHealthy\":false"))
        }
    }

    @Test func tellsOfABusyPort() async throws {
        try await serving { server, health, _ in
            let endpoint = HTTPEndpoint(host: "127.0.0.1", port: 0, origin: "test", routes: HTTPRoutes())
            let busy = try await server.listen(endpoint)
            let told = Mutex<[String]>([])
            let servers = HealthCheckServers(server: server, health: health, logger: Self.quiet) { check, error in
                told.withLock { $0.append("\(check.service): \(error)") }
            }
            servers.update(ServedHealthChecks([Self.check("a", busy.port, 2)], on: [IPAddress(127, 0, 0, 1)]))
            for _ in 0..<200 where told.withLock(\.isEmpty) { try await Task.sleep(for: .milliseconds(10)) }
            let expected =
                "ns/a: cannot listen on 127.0.0.1:\(busy.port): address already in use "
                + "(healthCheckNodePort of Service ns/a)"
            #expect(told.withLock { $0 } == [expected])
        }
    }

    /// Asks until the answer, empty when nobody listens, is right.
    private static func eventually(_ port: UInt16, _ isRight: (String) -> Bool) async throws -> Bool {
        for _ in 0..<200 {
            if isRight((try? PlainHTTP.get(port, "/")) ?? "") { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }
}
