import Glibc
import Lab
import NetTypes
import PacketFlows
import ProxyCore
import TestThreads
import Testing

@testable import ProxyUserspace

/// What Services ask for by annotation, on real connections.
@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct ServiceFeatureTests {
    private let lab: FlowProbe
    private let engine = UserspaceEngine()

    init() throws { lab = try FlowProbe(localPods: 2, remotePods: 0) }

    private func endpoints(_ port: UInt16 = 8080) throws -> [AddressPort] {
        [AddressPort(try lab.address(of: .pod(1)), port), AddressPort(try lab.address(of: .pod(2)), port)]
    }

    private func probe() throws -> ProbeOutcome {
        try lab.run(Probe(.tcp, SampleService.address, timeout: .seconds(5)), from: .client)
    }

    /// Holds a connection until it is let go.
    private final class Held {
        private let connection: LongConnection
        let backend: String?

        private init() throws {
            connection = try LongConnection.open(to: SampleService.address)
            backend = connection.ask()?.backend
        }

        static func open(_ lab: FlowProbe) throws -> Held { try lab.inside(.client) { try Held() } }
    }

    @Test func aServiceThatAsksForNothingIsServedInTurn() throws {
        defer { engine.stop() }
        try SampleService.program(SampleService.port(.tcp, try endpoints()), engine, in: lab)
        let backends = try (0..<6).map { _ in try probe().backend }
        #expect(backends == ["pod-1", "pod-2", "pod-1", "pod-2", "pod-1", "pod-2"])
    }

    @Test func theEndpointWithTheFewestConnectionsIsNext() throws {
        defer { engine.stop() }
        let port = SampleService.port(.tcp, try endpoints()) { $0.balance = .leastConnections }
        try SampleService.program(port, engine, in: lab)
        var held = try (0..<4).map { _ in try Held.open(lab) }
        #expect(held.count { $0.backend == "pod-1" } == 2)
        held.removeAll { $0.backend == "pod-1" }
        let isNoticed = SampleService.eventually { engine.openConnections == 2 }
        #expect(isNoticed)
        for _ in 0..<2 { held.append(try Held.open(lab)) }
        #expect(held.map(\.backend) == ["pod-2", "pod-2", "pod-1", "pod-1"])
    }

    @Test func connectionsAboveTheLimitAreReset() throws {
        defer { engine.stop() }
        let port = SampleService.port(.tcp, try endpoints()) {
            var tuning = UserspaceTuning()
            tuning.maxConnections = 2
            $0.userspace = tuning
        }
        try SampleService.program(port, engine, in: lab)
        var held = try (0..<2).map { _ in try Held.open(lab) }
        let outcome = try probe()
        #expect([.refused, .failed(ECONNRESET)].contains(outcome), "\(outcome)")
        #expect(engine.traffic.first?.overLimit == 1 && engine.traffic.first?.connections == 2)
        held.removeLast()
        let isFree = try SampleService.eventually { try probe().backend != nil }
        #expect(isFree)
    }

    @Test(arguments: ProxyProtocolVersion.allCases)
    func endpointsAreToldTheirClients(version: ProxyProtocolVersion) throws {
        defer { engine.stop() }
        let server = try PodServer(lab, .pod(1))
        let port = SampleService.port(.tcp, [server.address]) {
            var tuning = UserspaceTuning()
            tuning.proxyProtocol = version
            $0.userspace = tuning
        }
        try SampleService.program(port, engine, in: lab)
        let source = AddressPort(try lab.address(of: .client), 45678)
        let client = try lab.inside(.client) {
            let socket = try Socket(.ipv4, .tcp)
            try socket.bind(source)
            _ = socket.connect(SampleService.address)
            return dup(socket.descriptor)
        }
        defer { close(client) }
        let header = ProxyHeader.bytes(version, from: source, to: SampleService.address)
        // Before the client has said a word.
        let connection = try server.accept()
        #expect(connection.read(header.count) == header)
        _ = send(client, "hello", 5, CInt(MSG_NOSIGNAL))
        #expect(connection.read(5) == Array("hello".utf8))
    }

    @Test func trafficIsCountedWhileItRuns() throws {
        defer { engine.stop() }
        try SampleService.program(SampleService.port(.tcp, try endpoints()), engine, in: lab)
        let held = try Held.open(lab)
        let isCounted = SampleService.eventually {
            engine.traffic.first.map { $0.bytesToEndpoints == 6 && $0.bytesToClients > 6 } ?? false
        }
        #expect(isCounted && held.backend != nil)
        let traffic = try #require(engine.traffic.first)
        #expect(traffic.open == 1 && traffic.connectLatency.count == 1 && traffic.duration.count == 0)
        #expect(traffic.connectLatency.sum > 0)
    }

    @Test func datagramsLeaveAnEndpointThatIsGoneAtOnce() throws {
        defer { engine.stop() }
        let all = try endpoints()
        let old = SampleService.port(.udp, [all[0]])
        let new = SampleService.port(.udp, [all[1]])
        let source = AddressPort(try lab.address(of: .client), 45678)
        func ask() throws -> String? {
            try lab.run(Probe(.udp, SampleService.address, from: source, timeout: .seconds(5)), from: .client).backend
        }
        try lab.inside(.node) {
            var backend = try UserspaceBackend(family: .ipv4, engine: engine)
            _ = try backend.synchronise([old], node: SampleService.node)
            #expect(try ask() == "pod-1")
            #expect(try ask() == "pod-1")
            _ = try backend.apply(SampleService.change(old, new))
            // The loop is told by a message.
            let hasMoved = try SampleService.eventually { try ask() == "pod-2" }
            #expect(hasMoved)
        }
    }
}
