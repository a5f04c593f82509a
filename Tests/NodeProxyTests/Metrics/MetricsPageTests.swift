import KubeAPI
import Telemetry
import TestServers
import TestThreads
import Testing

@testable import NodeProxy

@Suite(.ownThread, .serialized, .timeLimit(.minutes(30))) struct MetricsPageTests {
    private func serving(
        _ configuration: KubeProxyConfiguration = .defaults, _ body: (UInt16, LogSettings) throws -> Void
    ) async throws {
        let server = HTTPListeners()
        let settings = LogSettings(verbosity: 2)
        let pages = StatusPages(
            metrics: ProxyMetrics(build: BuildInfo(version: "v1.2.3")), configuration: configuration,
            flags: [GivenFlag("cleanup", "false"), GivenFlag("v", "2")], build: BuildInfo(version: "v1.2.3"),
            logSettings: settings)
        do {
            let endpoint = HTTPEndpoint(
                host: "127.0.0.1", port: 0, origin: "test", routes: pages.routes())
            try body(try await server.listen(endpoint).port, settings)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test func answersLikeKubeProxy() async throws {
        try await serving { port, _ in
            let metrics = try PlainHTTP.get(port, "/metrics")
            #expect(metrics.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
            #expect(metrics.contains("git_version=\"v1.2.3\""))
            #expect(metrics.contains("major=\"1\",minor=\"2\""))
            #expect(try PlainHTTP.get(port, "/metrics/slis").hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(try PlainHTTP.get(port, "/healthz").hasSuffix("\r\n\r\nok"))
            let mode = try PlainHTTP.get(port, "/proxyMode")
            #expect(mode.hasSuffix("\r\n\r\nnftables"))
            #expect(mode.contains("X-Content-Type-Options: nosniff\r\n"))
            #expect(try PlainHTTP.get(port, "/statusz").contains("\nkube-proxy statusz\n"))
            #expect(try PlainHTTP.get(port, "/statusz").contains("Binary version: v1.2.3\n"))
            #expect(try PlainHTTP.get(port, "/nothing").hasPrefix("HTTP/1.1 404 "))
            #expect(try PlainHTTP.get(port, "/debug/pprof/").hasPrefix("HTTP/1.1 404 "))
            #expect(try PlainHTTP.get(port, "/debug/flags/v").hasPrefix("HTTP/1.1 404 "))
        }
    }

    @Test func showsConfigurationAndFlags() async throws {
        try await serving { port, _ in
            let configz = try PlainHTTP.get(port, "/configz")
            let body = try #require(configz.split(separator: "\r\n\r\n").last)
            let json = try JSONParser.parse(String(body))
            #expect(json["kubeproxy.config.k8s.io"] == KubeProxyConfiguration.defaults.json)
            let flagz = try PlainHTTP.get(port, "/flagz")
            #expect(flagz.contains("\nkube-proxy flagz\n"))
            #expect(flagz.contains("\ncleanup=false\n"))
            #expect(flagz.contains("\nconntrack-min=131072\n"))
            #expect(flagz.contains("\nv=2\n"))
        }
    }

    @Test func verbosityCanBeSetWhileProfiling() async throws {
        var configuration = KubeProxyConfiguration.defaults
        configuration.enableProfiling = true
        try await serving(configuration) { port, settings in
            let before = try PlainHTTP.get(port, "/debug/flags/v")
            #expect(before.hasSuffix("\r\n\r\n2\n"))
            #expect(try PlainHTTP.put(port, "/debug/flags/v", "5").contains("successfully set verbosity to 5"))
            #expect(settings.verbosity == 5)
            #expect(try PlainHTTP.put(port, "/debug/flags/v", "much").hasPrefix("HTTP/1.1 400 "))
            #expect(settings.verbosity == 5)
        }
    }

    @Test func tellsUptime() {
        let pages = StatusPages(
            metrics: ProxyMetrics(build: BuildInfo(version: "v1")), configuration: .defaults,
            flags: [],
            build: BuildInfo(version: "v1"), logSettings: LogSettings())
        var later = HealthMoment.now()
        later.steady += 3_723_500_000_000
        #expect(pages.statusz(now: later).contains("Up: 1 hr 02 min 03 sec\n"))
    }
}
