import Glibc
import Namespaces
import NetTypes
import Nftables
import PacketFlows
import ProxyCore
import TestRandom
import TestThreads
import Testing

@testable import ProxyNftables

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces")) struct NftablesBackendTests {
    static let node = TablePlannerTests.node

    static func ports(_ seed: UInt64, _ count: Int = 8) -> [ServicePort] {
        var random = SeededRandom(seed: seed)
        return (1...count).map { TablePlannerTests.randomPort($0, using: &random) }
    }

    static func listing(of ports: [ServicePort], node: NodeFacts = node) throws -> [String] {
        try withNetworkNamespace {
            var backend = try NftablesBackend(family: .ipv4)
            _ = try backend.synchronise(ports, node: node)
            return try NftWitness.listing()
        }
    }

    @Test func aSecondStartChangesNothing() throws {
        let ports = Self.ports(1)
        try withNetworkNamespace {
            var first = try NftablesBackend(family: .ipv4)
            #expect(try first.synchronise(ports, node: Self.node).operations > 100)
            var second = try NftablesBackend(family: .ipv4)
            #expect(try second.synchronise(ports, node: Self.node) == SyncReport(operations: 0))
        }
    }

    @Test(arguments: 0..<6)
    func everyHistoryEndsInTheKernelStateOfAFreshStart(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var ports: [Int: ServicePort] = [:]
        let ended = try withNetworkNamespace {
            var backend = try NftablesBackend(family: .ipv4)
            _ = try backend.synchronise([], node: Self.node)
            for _ in 0..<50 {
                var delta = ProxyDelta()
                let index = Int.random(in: 1...8, using: &random)
                let new =
                    Int.random(in: 0...4, using: &random) == 0
                    ? nil : TablePlannerTests.randomPort(index, using: &random)
                guard ports[index] != nil || new != nil else { continue }
                delta.servicePorts = [ServicePortChange(old: ports[index], new: new)]
                ports[index] = new
                #expect(try backend.apply(delta).cleanupFailure == nil)
            }
            return try NftWitness.listing()
        }
        let fresh = try Self.listing(of: ports.values.sorted { $0.name < $1.name })
        #expect(ended.difference(from: fresh).map { "\($0)" } == [], "seed \(seed)")
    }

    /// `largeMap` 0: endpoint maps are asked about, not listed.
    @Test(arguments: [0, 1_000_000])
    func aRestartWithOtherObjectsAppliesTheDifference(largeMap: Int) throws {
        let ended = try withNetworkNamespace {
            var first = try NftablesBackend(family: .ipv4)
            _ = try first.synchronise(Self.ports(2), node: Self.node)
            var second = try NftablesBackend(family: .ipv4, largeMap: largeMap)
            #expect(try second.synchronise(Self.ports(3), node: Self.node).cleanupFailure == nil)
            return try NftWitness.listing()
        }
        #expect(try ended.difference(from: Self.listing(of: Self.ports(3))).map { "\($0)" } == [])
    }

    /// The usual Services of the packet flows, without the tables of Maglev, which are long to list.
    private static var usualState: ProxyState {
        let group = FlowGroup.all[0]
        var state = ProxyState(node: group.node)
        for service in group.services where service.metadata.annotations["apus.dev/balance"] != "maglev" {
            state.stage(.service(service))
        }
        for slice in group.slices { state.stage(.endpointSlice(slice)) }
        state.load()
        return state
    }

    /// What others did, and whether it can be mended without comparing everything.
    @Test(arguments: [
        ("flush chain ip kube-proxy services", true), ("delete table ip kube-proxy", false),
        ("flush map ip kube-proxy service-ips", true), ("add rule ip kube-proxy services drop", true),
        ("add chain ip kube-proxy stranger", true), ("add element ip kube-proxy cluster-ips { 10.9.9.9 }", true),
        ("flush map ip kube-proxy service-endpoints", true), ("flush set ip kube-proxy cluster-ips", true),
        ("flush set ip kube-proxy nodeport-ips", true), ("flush map ip kube-proxy service-nodeports", true),
        ("flush map ip kube-proxy nodeport-endpoints", true), ("flush set ip kube-proxy hairpin-connections", true),
        ("insert rule ip kube-proxy masquerading accept", true), ("add set ip kube-proxy other { type mark; }", false),
        ("add element ip kube-proxy service-ips { 10.9.9.9 . tcp . 80 : drop }", true),
        ("add element ip kube-proxy service-endpoints { 10.9.9.9 . tcp . 80 . 7 : 10.0.0.1 . 80 }", true),
        ("flush table ip kube-proxy", true),
    ])
    func foreignChangesAreHeardAndRepaired(command: String, isNarrow: Bool) throws {
        let state = Self.usualState
        let node = state.node
        let (wasNarrow, repaired) = try withNetworkNamespace {
            var backend = try NftablesBackend(family: .ipv4)
            _ = try backend.synchronise(state.servicePorts, node: node)
            let wasIntact = backend.isIntact()
            try NftWitness.run("'\(command)'")
            let isIntact = backend.isIntact()
            #expect(wasIntact && !isIntact)
            let report = try backend.repair(state)
            if report == nil { _ = try backend.synchronise(state.servicePorts, node: node) }
            let isMended = backend.isIntact()
            #expect(isMended)
            return (report != nil, try NftWitness.listing())
        }
        #expect(wasNarrow == isNarrow)
        #expect(
            try repaired.difference(from: Self.listing(of: Array(state.servicePorts), node: node)).map { "\($0)" } == []
        )
    }

    @Test func ownChangesAreNotHeard() throws {
        try withNetworkNamespace {
            var backend = try NftablesBackend(family: .ipv4)
            _ = try backend.synchronise([], node: Self.node)
            var delta = ProxyDelta()
            delta.servicePorts = Self.ports(5).map { ServicePortChange(old: nil, new: $0) }
            _ = try backend.apply(delta)
            let isIntact = backend.isIntact()
            #expect(isIntact)
        }
    }

    @Test func aTableOfAnotherLayoutIsReplacedInOneTransaction() throws {
        let replaced = try withNetworkNamespace {
            try NftWitness.run(
                "-f -",
                input: """
                    table ip kube-proxy {
                      comment "rules for kube-proxy"
                      map service-ips { type ipv4_addr . inet_proto . inet_service : verdict; }
                      chain nat-prerouting { type nat hook prerouting priority dstnat; drop; }
                    }
                    """)
            var backend = try NftablesBackend(family: .ipv4)
            _ = try backend.synchronise(Self.ports(6), node: Self.node)
            return try NftWitness.listing()
        }
        #expect(try replaced == Self.listing(of: Self.ports(6)))
    }

    @Test func cleanupLeavesNoTrace() throws {
        try withNetworkNamespace {
            var backend = try NftablesBackend(family: .ipv4)
            _ = try backend.synchronise(Self.ports(7), node: Self.node)
            try backend.cleanup()
            try backend.cleanup()
            #expect(try NftWitness.run("list ruleset").isEmpty)
        }
    }
}
