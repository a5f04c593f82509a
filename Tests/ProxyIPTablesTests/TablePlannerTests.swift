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

    /// Every port of a Service names its health-check node port, and one rule accepts it.
    @Test func healthCheckNodePortsAreAccepted() {
        func port(_ name: String, _ health: UInt16?) -> ServicePort {
            ServicePort(
                name: ServicePortName(
                    service: NamespacedName(namespace: "test", name: "web"), port: name, proto: .udp, family: .ipv4),
                healthCheckNodePort: health)
        }
        func rule(_ number: Int) -> String {
            "-p tcp -m comment --comment \"test/web health check node port\" -m tcp --dport \(number) -j ACCEPT"
        }
        var planner = Self.loaded()
        let names = ["a", "b"]
        let added = planner.plan(names.map { ServicePortChange(old: nil, new: port($0, 32000)) })
        #expect(added.filter.chains == [ChainName.nodePorts: [rule(32000)]])
        let moved = planner.plan(names.map { ServicePortChange(old: port($0, 32000), new: port($0, 32001)) })
        #expect(moved.filter.chains == [ChainName.nodePorts: [rule(32001)]])
        let one = planner.plan([ServicePortChange(old: port("a", 32001), new: nil)])
        #expect(one.filter.chains[ChainName.nodePorts] ?? [rule(32001)] == [rule(32001)])
        let none = planner.plan([ServicePortChange(old: port("b", 32001), new: port("b", nil))])
        #expect(none.filter.chains == [ChainName.nodePorts: []])
    }

    @Test func someChainsAreThoseOfAll() {
        let planner = Self.loaded()
        let all = planner.chains("nat")
        for names in [Set(all.keys.prefix(5)), [ChainName.mark], ["KUBE-SVC-AAAAAAAAAAAAAAAA"], Set(all.keys)] {
            #expect(planner.chains("nat", among: names) == all.filter { names.contains($0.key) })
        }
    }
}
