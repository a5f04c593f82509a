import Glibc
import KubeAPI
import Namespaces
import NetTypes
import Nftables
import PacketFlows
import ProxyCore
import TestRandom
import TestThreads
import Testing

@testable import ProxyNftables

/// What the planner plans, in the kernel, as `nft` sees it.
@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces")) struct TableWitnessTests {
    static func plans(_ family: IPFamily) -> (create: Transaction, change: TablePlan) {
        var random = SeededRandom(seed: 11)
        var ports = (1...12).map { TablePlannerTests.randomPort($0, using: &random) }
        if family == .ipv6 { ports = ports.map(\.inIPv6) }
        var node = TablePlannerTests.node
        if family == .ipv6 {
            node.detector = .cidrs([CIDR("fd00:1::/64"), CIDR("fd00:2::/63")].compactMap { $0 })
            node.serviceCIDRs = [CIDR("fd00:96::/108")].compactMap { $0 }
        }
        var planner = TablePlanner(table: TableID(family, "kube-proxy"), node: node)
        return (planner.createTable(), planner.plan(ports.map { ServicePortChange(old: nil, new: $0) }))
    }

    @Test(arguments: IPFamily.allCases)
    func theKernelHoldsWhatThePlanPrints(family: IPFamily) throws {
        let (create, change) = Self.plans(family)
        let written = try withNetworkNamespace {
            var session = try NftablesSession()
            try session.apply(create)
            try session.apply(change.change)
            return try NftWitness.listing()
        }
        let whole = Transaction(create.table, create.operations + change.change.operations)
        let loaded = try withNetworkNamespace {
            try NftWitness.run("-f -", input: whole.description)
            return try NftWitness.listing()
        }
        #expect(written.count > 100)
        // Without the rules that nft cannot compile, and the size that the kernel gives maps which such rules use.
        let comparable = family == .ipv4 ? written : written.filter { !$0.contains("update @") && $0 != "size 65535" }
        #expect(comparable.difference(from: loaded).map { "\($0)" } == [])
    }

    @Test(arguments: IPFamily.allCases)
    func whatIsListedLoadsAgain(family: IPFamily) throws {
        let (create, change) = Self.plans(family)
        let listing = try withNetworkNamespace {
            var session = try NftablesSession()
            try session.apply(create)
            try session.apply(change.change)
            return try NftWitness.run("list ruleset")
        }
        let loadable = listing.split(separator: "\n").filter { family == .ipv4 || !$0.contains("update @") }
        _ = try withNetworkNamespace {
            try NftWitness.run("-f -", input: loadable.joined(separator: "\n") + "\n")
        }
    }

    @Test func aRefusedOperationIsNamedAndNothingHappens() throws {
        try withNetworkNamespace {
            var session = try NftablesSession()
            let table = TableID(.ipv4, "kube-proxy")
            let failure = try #require(throws: NftablesError.self) {
                try session.apply(
                    Transaction(table, [.addTable(comment: "x"), .addChain(Chain("a")), .deleteSet("nowhere")]))
            }
            #expect(failure.code == ENOENT)
            #expect(failure.refusals.map(\.operation) == ["delete set ip kube-proxy nowhere"])
            #expect(try NftWitness.run("list ruleset").isEmpty)
        }
    }
}

extension ServicePort {
    /// The same port with every address moved into fd00::/16 by its low bits.
    var inIPv6: ServicePort {
        func move(_ address: IPAddress) -> IPAddress { IPAddress(high: 0xfd00_0000_0000_0000, low: UInt64(address.v4)) }
        func move(_ set: EndpointSet) -> EndpointSet {
            EndpointSet(set.endpoints.map { AddressPort(move($0.address), $0.port) }, weights: set.weights)
        }
        var copy = ServicePort(
            name: ServicePortName(service: name.service, port: name.port, proto: name.proto, family: .ipv6))
        copy.frontends = frontends.map { frontend in
            switch frontend.address {
            case .clusterIP(let ip): Frontend(.clusterIP(move(ip)), frontend.port)
            case .externalIP(let ip): Frontend(.externalIP(move(ip)), frontend.port)
            case .loadBalancerIP(let ip): Frontend(.loadBalancerIP(move(ip)), frontend.port)
            case .nodePort: frontend
            }
        }
        copy.internalEndpoints = move(internalEndpoints)
        copy.clusterEndpoints = move(clusterEndpoints)
        copy.localEndpoints = move(localEndpoints)
        copy.internalPolicyIsLocal = internalPolicyIsLocal
        copy.externalPolicyIsLocal = externalPolicyIsLocal
        copy.hasAnyEndpoint = hasAnyEndpoint
        copy.hairpinAddresses = hairpinAddresses.map(move)
        copy.affinityTimeout = affinityTimeout
        copy.balance = balance
        copy.sourceRanges = sourceRanges?.map { CIDR(host: move($0.address)) }
        copy.sourceRangesGuardNodePort = sourceRangesGuardNodePort
        return copy
    }
}
