import Conntrack
import Glibc
import IPTables
import KubeAPI
import Lab
import NetTypes
import PacketFlows
import ProxyCore
import TestThreads
import Testing

@testable import ProxyIPTables

/// What real connections see of restarts, lost endpoints and node ports on loopback.
@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct LiveTrafficTests {
    private static let clusterIP = AddressPort(IPAddress(10, 96, 0, 77), 80)
    private static let nodePort: UInt16 = 30077

    private static func node(_ addresses: [IPAddress]) -> NodeFacts {
        NodeFacts(
            name: "node", nodePortAddresses: addresses.sorted(), detector: .cidrs(LabPlan.nodePodCIDRs),
            serviceCIDRs: LabPlan.serviceCIDRs)
    }

    private static func endpoints(_ lab: FlowProbe, _ names: [String]) -> EndpointSet {
        let addresses = lab.plan.pods.filter { names.contains($0.name) }.flatMap(\.addresses)
        return EndpointSet(addresses.filter { $0.family == .ipv4 }.map { AddressPort($0, 8080) }.sorted())
    }

    private static func port(_ endpoints: EndpointSet, affinity: UInt32? = nil) -> ServicePort {
        ServicePort(
            name: ServicePortName(
                service: NamespacedName(namespace: "test", name: "live"), port: "", proto: .tcp, family: .ipv4),
            frontends: [Frontend(.clusterIP(clusterIP.address), clusterIP.port), Frontend(.nodePort, nodePort)],
            internalEndpoints: endpoints, clusterEndpoints: endpoints, hasAnyEndpoint: !endpoints.isEmpty,
            affinityTimeout: affinity)
    }

    private static func backend(_ variant: IPTablesVariant, localhost: Bool = true) throws -> IPTablesBackend {
        try IPTablesBackend(
            family: .ipv4,
            options: IPTablesOptions(variant: variant == .nft ? .nft : .legacy, localhostNodePorts: localhost))
    }

    /// The endpoints that connections from a place meet.
    private static func backends(
        _ lab: FlowProbe, _ place: FlowProbe.Location, _ target: AddressPort, _ count: Int = 12
    ) throws -> Set<String> {
        let probe = Probe(.tcp, target, timeout: .seconds(5))
        return Set(
            try lab.run(Array(repeating: (from: place, probe: probe), count: count)).map { $0.backend ?? "\($0)" })
    }

    @Test(arguments: IPTablesVariant.allCases)
    func affinitySurvivesARestartAndEndsWithItsEndpoint(variant: IPTablesVariant) throws {
        let lab = try FlowLab.start()
        let all = Self.endpoints(lab, ["pod-1", "pod-2", "remote-1"])
        let sticky = Self.port(all, affinity: 10800)
        let node = Self.node([])
        try lab.inside(.node) {
            var backend = try Self.backend(variant)
            _ = try backend.synchronise([sticky], node: node)
        }
        // The first one alone: connections at once could each be the first.
        let first = try Self.backends(lab, .client, Self.clusterIP, 1)
        #expect(try Self.backends(lab, .client, Self.clusterIP) == first)
        let loser = try #require(first.first)
        let rest = Self.endpoints(lab, ["pod-1", "pod-2", "remote-1"].filter { $0 != loser })
        try lab.inside(.node) {
            var again = try Self.backend(variant)
            #expect(try again.synchronise([sticky], node: node).operations == 0)
            #expect(try again.audit(sticky, source: nil, node: node).affinity.count == 1)
        }
        #expect(try Self.backends(lab, .client, Self.clusterIP) == first)
        try lab.inside(.node) {
            var backend = try Self.backend(variant)
            _ = try backend.synchronise([sticky], node: node)
            var delta = ProxyDelta()
            delta.servicePorts = [ServicePortChange(old: sticky, new: Self.port(rest, affinity: 10800))]
            _ = try backend.apply(delta)
        }
        let second = try Self.backends(lab, .client, Self.clusterIP, 1)
        #expect(second != first)
        #expect(try Self.backends(lab, .client, Self.clusterIP) == second)
        try lab.inside(.node) {
            var backend = try Self.backend(variant)
            #expect(try backend.synchronise([sticky], node: node).operations > 0)
        }
        // Whoever comes back has forgotten.
        #expect(try Self.backends(lab, .client, Self.clusterIP) == second)
    }

    @Test(arguments: IPTablesVariant.allCases)
    func connectionsSurviveRestartsAndChanges(variant: IPTablesVariant) throws {
        let lab = try FlowLab.start()
        let old = Self.port(Self.endpoints(lab, ["pod-1", "remote-1"]))
        let new = Self.port(Self.endpoints(lab, ["pod-1", "pod-2", "remote-1"]))
        try lab.inside(.node) {
            var backend = try Self.backend(variant)
            _ = try backend.synchronise([old], node: Self.node([]))
        }
        let connections = try LongConnections(lab, [Self.clusterIP], count: 8)
        try lab.inside(.node) {
            var backend = try Self.backend(variant)
            #expect(try backend.synchronise([old], node: Self.node([])).operations == 0)
            var delta = ProxyDelta()
            delta.servicePorts = [ServicePortChange(old: old, new: new)]
            #expect(try backend.apply(delta).operations > 0)
        }
        #expect(connections.broken() == [])
        #expect(try Self.backends(lab, .client, Self.clusterIP, 64).count == 3)
    }

    @Test(arguments: IPTablesVariant.allCases)
    func nodePortsAnswerOnLoopbackWhereWanted(variant: IPTablesVariant) throws {
        let lab = try FlowLab.start()
        let loopback = IPAddress(127, 0, 0, 1)
        let port = Self.port(Self.endpoints(lab, ["pod-1", "remote-1"]))
        let target = AddressPort(loopback, Self.nodePort)
        for isWanted in [false, true] {
            try lab.inside(.node) {
                var backend = try Self.backend(variant, localhost: isWanted)
                _ = try backend.synchronise([port], node: Self.node([loopback]))
            }
            let expected: Set = isWanted ? ["pod-1", "remote-1"] : ["\(ProbeOutcome.refused)"]
            #expect(try Self.backends(lab, .node, target, 40) == expected, "\(isWanted)")
        }
    }
}
