import Glibc
import Lab
import NetTypes
import PacketFlows
import ProxyCore
import TestThreads
import Testing

@testable import ProxyUserspace

/// `apus.dev/preserve-client-ip` on real connections and datagrams.
@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct TransparentTests {
    private let lab: TransparentLab
    private let engine = UserspaceEngine()

    init() throws { lab = try TransparentLab() }

    @Test(arguments: IPFamily.allCases, [TransportProtocol.tcp, .udp])
    func localEndpointsSeeTheirClients(family: IPFamily, proto: TransportProtocol) throws {
        defer { engine.stop() }
        let target = try lab.target(family)
        let nodePort = try lab.nodePort(family)
        let service = try lab.service(proto, [.pod(1)], family)
        let facts = try lab.facts(family)
        try lab.lab.inside(.node) {
            var backend = try UserspaceBackend(family: family, engine: engine)
            _ = try backend.synchronise([service], node: facts)
            // Nothing twice.
            #expect(try backend.synchronise([service], node: facts).operations == 0)
            let isIntact = try backend.isIntact()
            #expect(isIntact)
            #expect(try backend.audit(service, source: nil, node: facts).isAsDesired)
            #expect(try TransparentLab.routing(family) == (rules: 1, routes: 1))
            let listing = try NftWitness.run("list ruleset")
            #expect(listing.contains("socket transparent 1"))
            try NftWitness.run("-c -f -", input: "flush ruleset\n" + listing)
            let program = UserspaceBackend.program([service], node: facts, family: family, tableName: "other")
            try NftWitness.run("-c -f -", input: program.description)
            for (from, to) in [
                (FlowProbe.Location.client, target), (.pod(2), target), (.remote(1), target), (.client, nodePort),
            ] {
                let outcome = try lab.probe(proto, to, from: from)
                let client = try lab.lab.address(of: from, family)
                #expect(outcome.backend == "pod-1" && outcome.peer == client, "\(from): \(outcome)")
            }
            // Its own, and the node's: as ever.
            for from in [FlowProbe.Location.pod(1), .node] {
                #expect(try lab.probe(proto, target, from: from).backend == "pod-1")
            }
        }
    }

    @Test(arguments: [TransportProtocol.tcp, .udp])
    func endpointsOfOtherNodesSeeTheNode(proto: TransportProtocol) throws {
        defer { engine.stop() }
        try SampleService.program(try lab.service(proto, [.remote(1)]), engine, in: lab.lab)
        let outcome = try lab.probe(proto, SampleService.address)
        #expect(outcome.backend == "remote-1")
        let client = try lab.lab.address(of: .client)
        #expect(outcome.peer != client)
    }

    @Test func connectionsOutliveTheAnnotationsComingAndGoing() throws {
        defer { engine.stop() }
        let kept = try lab.service(.tcp, [.pod(1)])
        let plain = try lab.service(.tcp, [.pod(1)], asks: false)
        let client = try lab.lab.address(of: .client)
        try lab.lab.inside(.node) {
            var backend = try UserspaceBackend(family: .ipv4, engine: engine)
            _ = try backend.synchronise([plain], node: SampleService.node)
            #expect(try lab.probe(.tcp, SampleService.address).peer != client)
            do {
                let earlier = try LongConnections(lab.lab, [SampleService.address], count: 2)
                _ = try backend.apply(SampleService.change(plain, kept))
                #expect(earlier.broken() == [])
                let connections = try LongConnections(lab.lab, [SampleService.address], count: 2)
                #expect(try lab.probe(.tcp, SampleService.address).peer == client)
                _ = try backend.apply(SampleService.change(kept, plain))
                #expect(connections.broken() == [] && earlier.broken() == [])
            }
            let after = try lab.probe(.tcp, SampleService.address)
            #expect(after.backend == "pod-1" && after.peer != client)
            #expect(try backend.synchronise([plain], node: SampleService.node).operations == 0)
        }
    }

    @Test func datagramsOutliveTheAnnotationsComingAndGoing() throws {
        defer { engine.stop() }
        let kept = try lab.service(.udp, [.pod(1)])
        let plain = try lab.service(.udp, [.pod(1)], asks: false)
        let client = try lab.lab.address(of: .client)
        try lab.lab.inside(.node) {
            var backend = try UserspaceBackend(family: .ipv4, engine: engine)
            _ = try backend.synchronise([plain], node: SampleService.node)
            let earlier = try DatagramClient(lab.lab, at: .client, to: SampleService.address)
            let seen = earlier.ask()
            #expect(seen?.backend == "pod-1" && seen?.peer.address != client)
            _ = try backend.apply(SampleService.change(plain, kept))
            // Conntrack knows the flow as redirected.
            #expect(earlier.ask() == seen)
            let later = try DatagramClient(lab.lab, at: .client, to: SampleService.address)
            let shown = later.ask()
            #expect(shown?.backend == "pod-1" && shown?.peer.address == client)
            _ = try backend.apply(SampleService.change(kept, plain))
            #expect(earlier.ask() == seen)
            #expect(later.ask() == shown)
            // It sends on after its session's end: the flow cannot be redirected now.
            let gone = SampleService.port(.udp, []) { $0.frontends = plain.frontends }
            _ = try backend.apply(SampleService.change(plain, gone))
            let isOver = SampleService.eventually { engine.interceptedConnections(.ipv4) == 0 }
            #expect(isOver)
            _ = try backend.apply(SampleService.change(gone, plain))
            let again = later.ask()
            #expect(again?.backend == "pod-1" && again?.peer.address != client)
        }
    }

    @Test(arguments: IPFamily.allCases)
    func datagramsMoveAtOnceWhenTheirEndpointGoes(family: IPFamily) throws {
        defer { engine.stop() }
        let old = try lab.service(.udp, [.pod(1)], family)
        let new = try lab.service(.udp, [.pod(2)], family)
        let address = try lab.lab.address(of: .client, family)
        let target = try lab.target(family)
        try lab.lab.inside(.node) {
            var backend = try UserspaceBackend(family: family, engine: engine)
            _ = try backend.synchronise([old], node: try lab.facts(family))
            let client = try DatagramClient(lab.lab, at: .client, to: target)
            let other = try DatagramClient(lab.lab, at: .remote(1), to: target)
            let before = client.ask()
            #expect(before?.backend == "pod-1" && before?.peer.address == address)
            #expect(client.ask() == before)
            #expect(other.ask()?.peer.address == (try lab.lab.address(of: .remote(1), family)))
            #expect(engine.interceptedConnections(family) == 2)
            _ = try backend.apply(SampleService.change(old, new))
            let isLeft = SampleService.eventually { engine.interceptedConnections(family) == 0 }
            #expect(isLeft)
            for _ in 0..<2 {
                let after = client.ask()
                #expect(after?.backend == "pod-2" && after?.peer.address == address)
            }
        }
    }

    @Test func sessionsWithoutDatagramsEnd() throws {
        var settings = UserspaceSettings()
        settings.udpTimeout = 1
        let engine = UserspaceEngine(settings)
        defer { engine.stop() }
        let service = try lab.service(.udp, [.pod(1)])
        try SampleService.program(service, engine, in: lab.lab)
        let client = try DatagramClient(lab.lab, at: .client, to: SampleService.address)
        let before = client.ask()
        #expect(before?.backend == "pod-1")
        let isOver = SampleService.eventually { engine.interceptedConnections(.ipv4) == 0 }
        #expect(isOver)
        let after = client.ask()
        #expect(after?.peer.address == before?.peer.address)
    }

    @Test(
        arguments: IPFamily.allCases,
        [
            "ip rule del pref 10256", "ip route del local default dev lo table 10256",
            "ip route flush table 10256; ip rule del pref 10256",
            "ip route replace blackhole default table 10256",
        ])
    func whatOthersDoToTheRoutingIsMended(family: IPFamily, command: String) throws {
        defer { engine.stop() }
        let service = try lab.service(.tcp, [.pod(1)], family)
        let facts = try lab.facts(family)
        let client = try lab.lab.address(of: .client, family)
        let words = command.split(separator: "ip ", omittingEmptySubsequences: false).map(String.init)
        let disturbance = words.joined(separator: family == .ipv4 ? "ip -4 " : "ip -6 ")
        try lab.lab.inside(.node) {
            var backend = try UserspaceBackend(family: family, engine: engine)
            _ = try backend.synchronise([service], node: facts)
            let notifications = backend.notifications
            var descriptor = pollfd(fd: try #require(notifications), events: Int16(POLLIN), revents: 0)
            // What it does itself, and what others do elsewhere, is no disturbance.
            try TransparentLab.output("ip rule add pref 999 fwmark 0x1 lookup 77")
            var isIntact = try backend.isIntact()
            #expect(isIntact)
            #expect(poll(&descriptor, 1, 0) == 0)
            #expect(try TransparentLab.output(disturbance) == "")
            #expect(poll(&descriptor, 1, 2000) == 1)
            isIntact = try backend.isIntact()
            #expect(!isIntact)
            let state = ProxyState(node: facts)
            let repaired = try backend.repair(state)?.operations
            #expect(repaired == 1)
            isIntact = try backend.isIntact()
            #expect(isIntact)
            #expect(poll(&descriptor, 1, 0) == 0)
            #expect(try TransparentLab.routing(family) == (rules: 1, routes: 1))
            let outcome = try lab.probe(.tcp, try lab.target(family))
            #expect(outcome.backend == "pod-1" && outcome.peer == client, "\(outcome)")
        }
    }
}
