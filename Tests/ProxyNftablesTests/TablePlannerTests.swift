import KubeAPI
import NetTypes
import Nftables
import ProxyCore
import TestRandom
import Testing

@testable import ProxyNftables

@Suite struct TablePlannerTests {
    static let table = TableID(.ipv4, "kube-proxy")
    static let node = NodeFacts(
        name: "n1", nodePortAddresses: [IPAddress(192, 0, 2, 1)],
        detector: .cidrs([CIDR("10.1.0.0/16")].compactMap { $0 }),
        serviceCIDRs: [CIDR("10.96.0.0/16")].compactMap { $0 })

    /// A service port whose every property comes from the generator.
    static func randomPort(_ index: Int, using random: inout SeededRandom) -> ServicePort {
        func endpoints() -> EndpointSet {
            let count = Int.random(in: 0...9, using: &random)
            let all = (0..<count).map {
                AddressPort(IPAddress(10, 1, UInt8($0), UInt8.random(in: 1...3, using: &random)), 80)
            }
            let weighted = Int.random(in: 0...3, using: &random) == 0
            return EndpointSet(all, weights: weighted ? all.map { _ in .random(in: 1...3, using: &random) } : [])
        }
        let name = ServicePortName(
            service: NamespacedName(namespace: "ns", name: "svc\(index)"), port: "http", proto: .tcp, family: .ipv4)
        let cluster = endpoints()
        let byte = UInt8(index)
        var frontends = [Frontend(.clusterIP(IPAddress(10, 96, 0, byte)), 80)]
        if Bool.random(using: &random) { frontends.append(Frontend(.loadBalancerIP(IPAddress(203, 0, 113, byte)), 80)) }
        if Bool.random(using: &random) { frontends.append(Frontend(.nodePort, 30000 + UInt16(index))) }
        let isLocal = Bool.random(using: &random)
        let internalIsLocal = Int.random(in: 0...4, using: &random) == 0
        return ServicePort(
            name: name, frontends: frontends.sorted(), internalEndpoints: internalIsLocal ? endpoints() : cluster,
            clusterEndpoints: cluster, localEndpoints: isLocal ? endpoints() : .empty,
            internalPolicyIsLocal: internalIsLocal, externalPolicyIsLocal: isLocal, hasAnyEndpoint: !cluster.isEmpty,
            hairpinAddresses: cluster.endpoints.prefix(2).map(\.address),
            affinityTimeout: Bool.random(using: &random) ? .random(in: 60...61, using: &random) : nil,
            balance: [.random, .roundRobin, .sourceHash].randomElement(using: &random) ?? .random,
            sourceRanges: Bool.random(using: &random) ? [CIDR(host: IPAddress(198, 51, 100, byte % 2))] : nil,
            sourceRangesGuardNodePort: Bool.random(using: &random))
    }

    static func apply(_ plan: TablePlan, to table: inout FakeTable) throws {
        try table.apply(plan.change)
        try table.apply(plan.cleanup)
    }

    static func fresh(_ ports: [ServicePort], node: NodeFacts = node) throws -> FakeTable {
        var planner = TablePlanner(table: table, node: node)
        var fake = FakeTable()
        try fake.apply(planner.createTable())
        try apply(planner.plan(ports.map { ServicePortChange(old: nil, new: $0) }), to: &fake)
        return fake
    }

    @Test(arguments: 0..<40)
    func everyHistoryEndsInTheStateOfAFreshStart(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var planner = TablePlanner(table: Self.table, node: Self.node)
        var fake = FakeTable()
        try fake.apply(planner.createTable())
        var ports: [Int: ServicePort] = [:]
        for _ in 0..<60 {
            var changes: [ServicePortChange] = []
            for index in Set(
                (0..<Int.random(in: 1...4, using: &random)).map { _ in Int.random(in: 1...8, using: &random) })
            {
                let new = Int.random(in: 0...4, using: &random) == 0 ? nil : Self.randomPort(index, using: &random)
                guard ports[index] != nil || new != nil else { continue }
                changes.append(ServicePortChange(old: ports[index], new: new))
                ports[index] = new
            }
            try Self.apply(planner.plan(changes), to: &fake)
        }
        let expected = try Self.fresh(ports.values.sorted { $0.name < $1.name })
        #expect(fake == expected, "seed \(seed)")
    }

    @Test func changedFactsOfTheNodeEndInTheStateOfAFreshStart() throws {
        var random = SeededRandom(seed: 3)
        let ports = (1...8).map { Self.randomPort($0, using: &random) }
        var planner = TablePlanner(table: Self.table, node: Self.node)
        var fake = FakeTable()
        try fake.apply(planner.createTable())
        try Self.apply(planner.plan(ports.map { ServicePortChange(old: nil, new: $0) }), to: &fake)
        var changed = Self.node
        changed.masqueradeBit = 9
        changed.detector = .interfacePrefix("veth")
        changed.nodePortAddresses = [IPAddress(192, 0, 2, 2)]
        changed.serviceCIDRs = []
        try Self.apply(planner.plan(node: changed), to: &fake)
        #expect(try fake == Self.fresh(ports, node: changed))
    }

    @Test func oneEndpointReplacedIsTwoElementsAndNoChain() throws {
        let name = ServicePortName(
            service: NamespacedName(namespace: "ns", name: "a"), port: "", proto: .tcp, family: .ipv4)
        func port(_ last: UInt8) -> ServicePort {
            let set = EndpointSet(
                (1...9).map { AddressPort(IPAddress(10, 1, 0, $0), 80) } + [AddressPort(IPAddress(10, 1, 0, last), 80)])
            return ServicePort(
                name: name, frontends: [Frontend(.clusterIP(IPAddress(10, 96, 0, 1)), 80)], internalEndpoints: set,
                clusterEndpoints: set, hasAnyEndpoint: true)
        }
        var planner = TablePlanner(table: Self.table, node: Self.node)
        _ = planner.plan([ServicePortChange(old: nil, new: port(10))])
        let plan = planner.plan([ServicePortChange(old: port(10), new: port(11))])
        #expect(plan.cleanup.isEmpty)
        #expect(plan.change.operations.count == 2)
        guard case .deleteElements(_, let gone) = plan.change.operations[0],
            case .addElements(_, let come) = plan.change.operations[1]
        else {
            Issue.record("not a replacement: \(plan.change)")
            return
        }
        #expect(gone.count == 1 && come.count == 1)
        #expect(planner.plan([ServicePortChange]()).isEmpty)
    }

    @Test func lostEndpointsLoseTheirClients() {
        let name = ServicePortName(
            service: NamespacedName(namespace: "ns", name: "a"), port: "", proto: .tcp, family: .ipv4)
        func port(_ hosts: [UInt8]) -> ServicePort {
            let set = EndpointSet(hosts.map { AddressPort(IPAddress(10, 1, 0, $0), 80) })
            return ServicePort(
                name: name, frontends: [Frontend(.clusterIP(IPAddress(10, 96, 0, 1)), 80)], internalEndpoints: set,
                clusterEndpoints: set, hasAnyEndpoint: true, affinityTimeout: 10800)
        }
        var planner = TablePlanner(table: Self.table, node: Self.node)
        _ = planner.plan([ServicePortChange(old: nil, new: port([1, 2]))])
        let plan = planner.plan([ServicePortChange(old: port([1, 2]), new: port([2]))])
        let gone = RegisterBytes(AddressPort(IPAddress(10, 1, 0, 1), 80))
        #expect(plan.evictions.filter { $0.map == port([2]).affinityMap(.cluster) }.map(\.gone) == [.these([gone])])
    }
}
