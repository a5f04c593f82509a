import Glibc
import Namespaces
import TestThreads
import Testing
import Threads

@testable import Bench

/// Short cells on the real kernel.
@Suite(
    .ownThread, .timeLimit(.minutes(30)), .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct CellTests {
    private static func scenario(_ kinds: TrafficScenario.Kind...) -> TrafficScenario {
        var scenario = TrafficScenario(name: "test", clients: kinds.map { .init($0, connections: 4) })
        scenario.pods = 3
        scenario.services = [3]
        scenario.seconds = 0.1
        scenario.rounds = 1
        scenario.changesPerSecond = 50
        return scenario
    }

    @Test(arguments: [BenchMode.direct, .nftables, .iptables, .userspace]) func everyModeCarriesTraffic(
        mode: BenchMode
    ) throws {
        let scenario = Self.scenario(.keepAlive, .newConnections, .bulk, .firstPacket)
        let cell = BenchCell(mode: mode, services: 3, endpoints: 2, scenarios: [scenario])
        let samples = try CellRun.measure(cell)
        for client in scenario.clients.indices {
            func series(_ series: SeriesName.Traffic) -> [Double] {
                samples[SeriesName.traffic(series, scenario: 0, client: client)]
            }
            #expect(series(.rate).count == 1)
            #expect(series(.rate).allSatisfy { $0 > 0 })
            #expect(series(.failures) == [0], "client \(client)")
        }
        let isProxy = mode != .direct
        #expect(samples[SeriesName.firstSync].isEmpty != isProxy)
        #expect(samples[SeriesName.change].isEmpty != isProxy)
    }

    @Test func weightsAreSeenInTheSpread() throws {
        var scenario = Self.scenario(.newConnections)
        scenario.weights = [1, 0, 3]
        scenario.balance = "round-robin"
        scenario.seconds = 0.3
        let cell = BenchCell(mode: .nftables, services: 1, endpoints: 2, scenarios: [scenario])
        let samples = try CellRun.measure(cell)
        let unevenness = try #require(samples[SeriesName.traffic(.unevenness, scenario: 0, client: 0)].first)
        #expect(unevenness < 30, "\(unevenness) %")
    }

    @Test func aRateIsKept() throws {
        var scenario = Self.scenario(.keepAlive)
        scenario.clients[0].rate = 200
        scenario.seconds = 1
        let cell = BenchCell(mode: .nftables, services: 1, endpoints: 2, scenarios: [scenario])
        let samples = try CellRun.measure(cell)
        let rate = try #require(samples[SeriesName.traffic(.rate, scenario: 0, client: 0)].first)
        #expect(rate <= 210)
        #expect(rate > 20)
    }

    @Test func anExternalTargetIsMeasuredWhereTheCallerIs() throws {
        let scenario = Self.scenario(.keepAlive, .bulk, .firstPacket)
        let samples = try withNetworkNamespace {
            let server = try BulkServer([try TCPSocket.listen(8080)])
            let thread = try OwnThread { server.run() }
            defer {
                server.stop()
                thread.join()
            }
            let target = BenchRunner.Target(name: "other", address: .init(.init(127, 0, 0, 1), 8080), path: "/")
            return try ExternalRun.measure(target, [scenario])
        }
        #expect(samples[SeriesName.traffic(.rate, scenario: 0, client: 1)].allSatisfy { $0 > 0 })
        #expect(samples[SeriesName.traffic(.rate, scenario: 0, client: 2)].isEmpty)
    }

    @Test func aTargetWhereNobodyListensIsSaidSo() throws {
        let target = BenchRunner.Target(name: "gone", address: .init(.init(127, 0, 0, 1), 9), path: "/")
        let error = try #require(throws: BenchError.self) {
            try withNetworkNamespace { _ = try ExternalRun.measure(target, [Self.scenario(.keepAlive)]) }
        }
        #expect("\(error)".contains("127.0.0.1:9"), "\(error)")
    }
}
