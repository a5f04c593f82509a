import KubeAPI
import NetTypes
import ProxyCore
import Testing

@testable import ProxyIPTables

/// What changes send, and what they leave alone.
@Suite struct TablePlannerTests {
    private static func port(_ index: Int, _ endpoints: [UInt8], frontend: UInt16 = 80) -> ServicePort {
        let set = EndpointSet(endpoints.map { AddressPort(IPAddress(10, 1, UInt8(index), $0), 8080) })
        return ServicePort(
            name: ServicePortName(
                service: NamespacedName(namespace: "test", name: "svc-\(index)"), port: "", proto: .tcp, family: .ipv4),
            frontends: [Frontend(.clusterIP(IPAddress(10, 96, UInt8(index), 1)), frontend)], internalEndpoints: set,
            clusterEndpoints: set, hasAnyEndpoint: !endpoints.isEmpty)
    }

    private static func loaded() -> TablePlanner {
        var planner = TablePlanner(family: .ipv4, node: NodeFacts(name: "node"), localhostNodePorts: false)
        _ = planner.load((0..<100).map { port($0, [1, 2]) })
        return planner
    }

    @Test func aChangedEndpointTouchesOneChain() {
        var planner = Self.loaded()
        let plan = planner.plan([ServicePortChange(old: Self.port(7, [1, 2]), new: Self.port(7, [1, 3]))])
        #expect(Array(plan.nat.chains.keys) == ["KUBE-SVC-\(ChainName.hash(Self.port(7, []).name))"])
        #expect(plan.nat.deletedChains.isEmpty && plan.filter.isEmpty && plan.added.isEmpty && plan.removed.isEmpty)
        #expect(planner.plan([ServicePortChange(old: Self.port(7, [1, 3]), new: Self.port(7, [1, 3]))]).isEmpty)
    }

    @Test func aServiceThatLosesAllEndpointsIsRejected() {
        var planner = Self.loaded()
        let plan = planner.plan([ServicePortChange(old: Self.port(7, [1, 2]), new: Self.port(7, []))])
        #expect(plan.added == [SetElement(.rejected, .ipPort(IPAddress(10, 96, 7, 1), .tcp, 80))])
        #expect(plan.removed == [SetElement(.services, .ipPort(IPAddress(10, 96, 7, 1), .tcp, 80))])
        #expect(plan.nat.deletedChains == ["KUBE-SVC-\(ChainName.hash(Self.port(7, []).name))"])
        // Only the branch of the tree that led there.
        #expect(plan.nat.chains.count <= 2)
        #expect(!plan.nat.chains.values.joined().contains { $0.contains("10.96.7.1/32") })
    }

    /// One Service gives up its address, and another takes it in the same delta, in either order.
    @Test(arguments: [false, true])
    func anAddressChangesHands(isReversed: Bool) throws {
        var planner = Self.loaded()
        let heir = Self.port(200, [9])
        let taken = ServicePort(
            name: heir.name, frontends: Self.port(7, []).frontends, internalEndpoints: heir.internalEndpoints,
            clusterEndpoints: heir.clusterEndpoints, hasAnyEndpoint: true)
        let changes = [
            ServicePortChange(old: Self.port(7, [1, 2]), new: nil), ServicePortChange(old: nil, new: taken),
        ]
        let plan = planner.plan(isReversed ? changes.reversed() : changes)
        let leading = plan.nat.chains.values.joined().filter { $0.contains("-d 10.96.7.1/32") }
        #expect(leading.map { $0.hasSuffix("-j KUBE-SVC-\(ChainName.hash(heir.name))") } == [true])
        #expect(plan.added.isEmpty && plan.removed.isEmpty)
    }

    @Test func factsOfTheNodeChangeOnlyWhatNamesThem() {
        var planner = Self.loaded()
        var node = NodeFacts(name: "node")
        node.nodePortAddresses = [IPAddress(192, 0, 2, 1)]
        let addresses = planner.plan(node: node)
        #expect(addresses.nat.isEmpty && addresses.filter.isEmpty)
        #expect(addresses.added == [SetElement(.nodeIPs, .ip(IPAddress(192, 0, 2, 1)))])
        node.masqueradeBit = 5
        let bit = planner.plan(node: node)
        #expect(Set(bit.nat.chains.keys) == [ChainName.mark, ChainName.postrouting])
        #expect(Set(bit.filter.chains.keys) == [ChainName.forward])
        #expect(planner.plan(node: node).isEmpty)
    }
}
