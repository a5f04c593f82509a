import Glibc
import KubeAPI
import Lab
import NetTypes
import ProxyCore
import TestThreads
import Testing

@testable import ProxyUserspace

@Suite struct DescriptorLimitTests {
    @Test func smallTablesMakeMoreLoops() {
        #expect(DescriptorLimit.loops(processors: 2, tableSize: 20_000) == 3)
        #expect(DescriptorLimit.loops(processors: 8, tableSize: 20_000) == 8)
        #expect(DescriptorLimit.loops(processors: 2, tableSize: 1 << 20) == 2)
        #expect(DescriptorLimit.loops(processors: 1, tableSize: 1024) == 16)
        #expect(DescriptorLimit.loops(processors: 1, tableSize: 0) == 16)
    }
}

/// The descriptors that the system lets a table have.
private let tableLimit: Int = {
    var limit = rlimit()
    return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? Int(clamping: limit.rlim_max) : 0
}()

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct CapacityTests {
    private static let echoPort: UInt16 = 9090

    @Test(.enabled(if: tableLimit >= 20_000, "needs a limit of 20,000 descriptors"))
    func twentyThousandConnectionsAreHeldAndAnswered() throws {
        let count = 20_000
        let lab = try FlowProbe(localPods: 3, remotePods: 0)
        let engine = UserspaceEngine()
        defer { engine.stop() }
        let pods = try (1...3).map { AddressPort(try lab.address(of: .pod($0)), Self.echoPort) }
        try lab.inside(.node) {
            var backend = try UserspaceBackend(family: .ipv4, engine: engine)
            _ = try backend.synchronise([SampleService.port(.tcp, pods)], node: SampleService.node)
        }
        let servers = try (1...3).map { pod in
            try lab.inside(.pod(pod)) { try SeparateEcho(ports: [Self.echoPort], name: "pod-\(pod)") }
        }
        let crowd = try lab.inside(.client) { try ConnectionCrowd(count, to: SampleService.address, threads: 3) }
        #expect(crowd.ask() == count)
        #expect(engine.openConnections == count)
        #expect(engine.traffic.first?.failures == 0)
        withExtendedLifetime(servers) {}
    }

    @Test func whatDoesNotFitIsResetAndCounted() throws {
        let lab = try FlowProbe(localPods: 1, remotePods: 0)
        var settings = UserspaceSettings()
        settings.threads = 1
        settings.maxConnections = 3
        let engine = UserspaceEngine(settings)
        defer { engine.stop() }
        try lab.inside(.node) {
            var backend = try UserspaceBackend(family: .ipv4, engine: engine)
            _ = try backend.synchronise(
                [SampleService.port(.tcp, [AddressPort(try lab.address(of: .pod(1)), 8080)])], node: SampleService.node)
        }
        let crowd = try lab.inside(.client) {
            try ConnectionCrowd(5, to: SampleService.address, threads: 1, awaitingAnswers: false)
        }
        #expect(crowd.ask() == 3)
        #expect(engine.traffic.first?.failures == 2)
    }

    @Test func loopsKeepNoCopiesOfOthersDescriptors() throws {
        let lab = try FlowProbe(localPods: 1, remotePods: 0)
        var ends: [CInt] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        let engine = UserspaceEngine()
        defer { engine.stop() }
        try lab.inside(.node) {
            var backend = try UserspaceBackend(family: .ipv4, engine: engine)
            _ = try backend.synchronise(
                [SampleService.port(.tcp, [AddressPort(try lab.address(of: .pod(1)), 8080)])], node: SampleService.node)
        }
        close(ends[1])
        // With a copy of the other end anywhere, this pipe would not be at its end.
        var state = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
        #expect(poll(&state, 1, 2000) == 1)
        #expect(state.revents == Int16(POLLHUP))
        let outcome = try lab.run(Probe(.tcp, SampleService.address, timeout: .seconds(5)), from: .client)
        #expect(outcome.backend == "pod-1")
    }
}
