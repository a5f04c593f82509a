import Glibc
import Lab
import NetTypes
import PacketFlows
import ProxyCore
import TestThreads
import Testing

@testable import ProxyUserspace

/// `apus.dev/preserve-client-ip` on real connections.
@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct TransparentTests {
    private let lab: FlowProbe
    private let engine = UserspaceEngine()

    init() throws { lab = try FlowProbe(localPods: 2, remotePods: 1) }

    private static let addresses: [IPFamily: AddressPort] = [
        .ipv4: SampleService.address, .ipv6: AddressPort(IPAddress(high: 0xfd00_0096_0000_0000, low: 7), 80),
    ]

    private func service(_ places: [FlowProbe.Location], _ family: IPFamily) throws -> ServicePort {
        let endpoints = try places.map { AddressPort(try lab.address(of: $0, family), 8080) }
        let local = places.filter { if case .pod = $0 { true } else { false } }
        let address = try #require(Self.addresses[family])
        let addresses = try local.map { try lab.address(of: $0, family) }.sorted()
        return SampleService.port(.tcp, endpoints, family: family) {
            $0.frontends = [Frontend(.clusterIP(address.address), 80), Frontend(.nodePort, 30080)]
            $0.hairpinAddresses = addresses
            var tuning = UserspaceTuning()
            tuning.preservesClientIP = true
            $0.userspace = tuning
        }
    }

    /// What a command prints, in the calling thread's network namespace.
    private static func output(_ command: String) throws -> String {
        let stream = try #require(popen(command + " 2>&1", "re"))
        defer { pclose(stream) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func facts(_ family: IPFamily) throws -> NodeFacts {
        var node = SampleService.node
        node.nodePortAddresses = [try lab.address(of: .node, family)]
        return node
    }

    @Test(arguments: IPFamily.allCases) func localEndpointsSeeTheirClients(family: IPFamily) throws {
        defer { engine.stop() }
        let target = try #require(Self.addresses[family])
        let service = try service([.pod(1)], family)
        let facts = try facts(family)
        let nodePort = AddressPort(try lab.address(of: .node, family), 30080)
        try lab.inside(.node) {
            var backend = try UserspaceBackend(family: family, engine: engine)
            _ = try backend.synchronise([service], node: facts)
            // Nothing twice.
            #expect(try backend.synchronise([service], node: facts).operations == 0)
            let isIntact = backend.isIntact()
            #expect(isIntact)
            #expect(try backend.audit(service, source: nil, node: facts).isAsDesired)
            let version = family == .ipv4 ? "-4" : "-6"
            let rules = try Self.output("ip \(version) rule show")
            #expect(rules.split(separator: "\n").count { $0.contains("fwmark 0x2000/0x2000 lookup 10256") } == 1)
            let listing = try NftWitness.run("list ruleset")
            #expect(listing.contains("socket transparent 1"))
            try NftWitness.run("-c -f -", input: "flush ruleset\n" + listing)
            let program = UserspaceBackend.program([service], node: facts, family: family, tableName: "other")
            try NftWitness.run("-c -f -", input: program.description)
            for (from, to) in [
                (FlowProbe.Location.client, target), (.pod(2), target), (.remote(1), target), (.client, nodePort),
            ] {
                let outcome = try lab.run(Probe(.tcp, to, timeout: .seconds(5)), from: from)
                let client = try lab.address(of: from, family)
                #expect(outcome.backend == "pod-1" && outcome.peer == client, "\(from): \(outcome)")
            }
            // Its own, and the node's: as ever.
            for from in [FlowProbe.Location.pod(1), .node] {
                #expect(try lab.run(Probe(.tcp, target, timeout: .seconds(5)), from: from).backend == "pod-1")
            }
            try backend.cleanup()
            #expect(try NftWitness.run("list ruleset").isEmpty)
            let left = try Self.output("ip \(version) rule show; ip \(version) route show table all")
            #expect(!left.contains("10256"))
        }
    }

    @Test func endpointsOfOtherNodesSeeTheNode() throws {
        defer { engine.stop() }
        let service = try service([.remote(1)], .ipv4)
        try SampleService.program(service, engine, in: lab)
        let outcome = try lab.run(Probe(.tcp, SampleService.address, timeout: .seconds(5)), from: .client)
        #expect(outcome.backend == "remote-1")
        let client = try lab.address(of: .client)
        #expect(outcome.peer != client)
    }

    @Test func connectionsOutliveTheAnnotation() throws {
        defer { engine.stop() }
        let kept = try service([.pod(1)], .ipv4)
        var plain = kept
        plain.userspace = nil
        let client = try lab.address(of: .client)
        try lab.inside(.node) {
            var backend = try UserspaceBackend(family: .ipv4, engine: engine)
            _ = try backend.synchronise([plain], node: SampleService.node)
            let before = try lab.run(Probe(.tcp, SampleService.address, timeout: .seconds(5)), from: .client)
            #expect(before.peer != client)
            _ = try backend.apply(SampleService.change(plain, kept))
            do {
                let connections = try LongConnections(lab, [SampleService.address], count: 2)
                let during = try lab.run(Probe(.tcp, SampleService.address, timeout: .seconds(5)), from: .client)
                #expect(during.peer == client)
                _ = try backend.apply(SampleService.change(kept, plain))
                #expect(connections.broken() == [])
            }
            let after = try lab.run(Probe(.tcp, SampleService.address, timeout: .seconds(5)), from: .client)
            #expect(after.backend == "pod-1" && after.peer != client)
            #expect(try backend.synchronise([plain], node: SampleService.node).operations == 0)
        }
    }
}
