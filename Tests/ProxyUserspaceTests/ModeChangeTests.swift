import Conntrack
import Glibc
import Lab
import NetTypes
import PacketFlows
import ProxyCore
import ProxyIPTables
import ProxyNftables
import TestThreads
import Testing

@testable import ProxyUserspace

/// Transparent connections when another mode takes the userspace mode's place.
@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct ModeChangeTests {
    private let lab: TransparentLab
    private let engine: UserspaceEngine

    init() throws {
        lab = try TransparentLab()
        var settings = UserspaceSettings()
        settings.lingerTime = 0
        settings.udpTimeout = 2
        engine = UserspaceEngine(settings)
    }

    enum Mode: CaseIterable { case nftables, iptables }

    @Test(arguments: IPFamily.allCases, Mode.allCases)
    func openConnectionsAreServedToTheirEnd(family: IPFamily, mode: Mode) throws {
        defer { engine.stop() }
        let target = try lab.target(family)
        let old = try [TransportProtocol.tcp, .udp].map { try lab.service($0, [.pod(1)], family) }
        // Whoever reaches the other pod went by the new mode.
        let new = try [TransportProtocol.tcp, .udp].map { try lab.service($0, [.pod(2)], family) }
        let facts = try lab.facts(family)
        let client = try lab.lab.address(of: .client, family)
        try lab.lab.inside(.node) {
            var backend = try UserspaceBackend(family: family, engine: engine)
            _ = try backend.synchronise(old, node: facts)
            do {
                let connections = try LongConnections(lab.lab, [target], count: 3)
                let datagrams = try DatagramClient(lab.lab, at: .client, to: target)
                let session = datagrams.ask()
                #expect(session?.backend == "pod-1" && session?.peer.address == client)
                #expect(engine.interceptedConnections(family) == 4)
                switch mode {
                case .nftables:
                    var next = try NftablesBackend(family: family)
                    _ = try next.synchronise(new, node: facts)
                case .iptables:
                    var next = try IPTablesBackend(family: family)
                    _ = try next.synchronise(new, node: facts)
                }
                try backend.cleanup()
                let wait = try backend.tend()
                let carriesFlows = backend.carriesFlows
                #expect(wait != nil && carriesFlows)
                #expect(connections.broken() == [])
                #expect(datagrams.ask() == session)
                for proto in [TransportProtocol.tcp, .udp] {
                    #expect(try lab.probe(proto, target).backend == "pod-2")
                }
                #expect(try TransparentLab.routing(family) == (rules: 1, routes: 1))
                // Sessions have had their time; connections go on.
                let isOver = try SampleService.eventually {
                    _ = try backend.tend()
                    return !backend.carriesFlows && engine.interceptedConnections(family) == 3
                }
                #expect(isOver)
                #expect(connections.broken() == [])
            }
            let isDone = try SampleService.eventually { try backend.tend() == nil }
            #expect(isDone)
            #expect(try TransparentLab.routing(family) == (rules: 0, routes: 0))
            #expect(!(try NftWitness.run("list ruleset")).contains("kube-proxy-userspace"))
            #expect(try lab.probe(.tcp, target).backend == "pod-2")
        }
    }

    /// Redirected flows lead to no endpoint, and must not be taken for left-overs of another mode while the proxy has
    /// their sockets: the client would not recognise the answer that is under way.
    @Test(arguments: IPFamily.allCases) func theProxyKnowsTheFlowsThatItAnswers(family: IPFamily) throws {
        defer { engine.stop() }
        let target = try lab.target(family)
        let service = try lab.service(.udp, [.pod(1)], family, asks: false)
        let facts = try lab.facts(family)
        try lab.lab.inside(.node) {
            var backend = try UserspaceBackend(family: family, engine: engine)
            _ = try backend.synchronise([service], node: facts)
            #expect(try DatagramClient(lab.lab, at: .client, to: target).ask()?.backend == "pod-1")
            let flow = try #require(try Self.flows(to: target).first)
            var answers = backend.answers(flow)
            #expect(answers && flow.originalDestination != flow.replySource)
            let direct = TrackedFlow(
                proto: .udp, originalDestination: target, replySource: target, isUnreplied: true)
            let answersDirect = backend.answers(direct)
            #expect(!answersDirect)
            try backend.cleanup()
            answers = backend.answers(flow)
            #expect(answers)
            let isOver = try SampleService.eventually {
                _ = try backend.tend()
                return !backend.answers(flow)
            }
            #expect(isOver)
        }
    }

    private static func flows(to target: AddressPort) throws -> [TrackedFlow] {
        var socket = try ConntrackSocket()
        var found: [TrackedFlow] = []
        try socket.forEach { flow in
            guard flow.proto == .udp, flow.original.destination == target.address else { return }
            found.append(
                TrackedFlow(
                    proto: .udp,
                    originalDestination: AddressPort(flow.original.destination, flow.original.destinationPort),
                    replySource: flow.endpoint, isUnreplied: false))
        }
        return found
    }

    /// The mode is left and comes back before all that it served has ended.
    @Test func theModeComesBackWhileItsConnectionsAreOpen() throws {
        defer { engine.stop() }
        let services = try [TransportProtocol.tcp, .udp].map { try lab.service($0, [.pod(1)]) }
        let facts = try lab.facts()
        let client = try lab.lab.address(of: .client)
        try lab.lab.inside(.node) {
            var first = try UserspaceBackend(family: .ipv4, engine: engine)
            _ = try first.synchronise(services, node: facts)
            let connections = try LongConnections(lab.lab, [SampleService.address], count: 2)
            try first.cleanup()
            #expect(connections.broken() == [])
            var second = try UserspaceBackend(family: .ipv4, engine: engine)
            #expect(try second.synchronise(services, node: facts).operations > 0)
            #expect(try second.synchronise(services, node: facts).operations == 0)
            let isRetired = try SampleService.eventually { try first.tend() == nil }
            #expect(isRetired)
            #expect(connections.broken() == [])
            #expect(try second.synchronise(services, node: facts).operations == 0)
            for proto in [TransportProtocol.tcp, .udp] {
                let outcome = try lab.probe(proto, SampleService.address)
                #expect(outcome.backend == "pod-1" && outcome.peer == client, "\(outcome)")
            }
            // From the node itself it is redirected.
            #expect(try lab.probe(.udp, SampleService.address, from: .node).backend == "pod-1")
        }
    }

    @Test func nothingIsLeftOfACleanupWithoutConnections() throws {
        defer { engine.stop() }
        let services = [try lab.service(.tcp, [.pod(1)])]
        try lab.lab.inside(.node) {
            var backend = try UserspaceBackend(family: .ipv4, engine: engine)
            _ = try backend.synchronise(services, node: SampleService.node)
            try backend.cleanup()
            let isDone = try SampleService.eventually { try backend.tend() == nil }
            #expect(isDone)
            #expect(try NftWitness.run("list ruleset").isEmpty)
            #expect(try TransparentLab.routing(.ipv4) == (rules: 0, routes: 0))
        }
    }
}
