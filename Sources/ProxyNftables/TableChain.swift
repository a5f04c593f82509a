import NetTypes
import Nftables
import ProxyCore
import ServiceTables

/// A chain that some service ports need. Two with equal names have equal values at any one time, but a chain with an
/// owner can change while its name stays.
enum TableChain: Hashable, Sendable {
    case loadBalancer(LoadBalancerChain)
    case firewall(FirewallChain)
    case affinityRecord(AffinityRecordChain)

    var name: String {
        switch self {
        case .loadBalancer(let chain): chain.name
        case .firewall(let chain): chain.name
        case .affinityRecord(let chain): chain.name
        }
    }

    func chain(_ node: NodeFacts, _ family: IPFamily) -> Chain {
        switch self {
        case .loadBalancer(let chain): chain.chain(node, family)
        case .firewall(let chain): chain.chain
        case .affinityRecord(let chain): chain.chain(node, family)
        }
    }
}

/// Drops sources outside the ranges. Services with equal ranges share it.
struct FirewallChain: Hashable, Sendable {
    let ranges: [CIDR]

    var name: String {
        "firewall-\(StableHash.letters(ranges.map(\.description).joined(separator: ",")))"
    }

    var chain: Chain {
        Chain(
            name,
            rules: ranges.map { Rule(.matchAddress(.sourceAddress, $0), .verdict(.return)) } + [Rule(.verdict(.drop))])
    }
}

/// Remembers which endpoint a client's new connection went to. Runs after DNAT.
struct AffinityRecordChain: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case affinityRecord(AffinityScope)
        /// externalTrafficPolicy Local: pods and the node in one map, everybody else in the other.
        case affinityRecordLocal

        var scopes: [AffinityScope] {
            switch self {
            case .affinityRecord(let scope): [scope]
            case .affinityRecordLocal: [.cluster, .local]
            }
        }
    }

    let kind: Kind
    let owner: ServicePortName
    /// Seconds.
    let timeout: UInt32
    let map: String
    let localMap: String?

    var name: String {
        switch kind {
        case .affinityRecord(let scope): "record\(scope.infix)-\(owner.chainSuffix)"
        case .affinityRecordLocal: "record-external-local-\(owner.chainSuffix)"
        }
    }

    func chain(_ node: NodeFacts, _ family: IPFamily) -> Chain {
        func remember(_ map: String) -> Statement {
            .remember(
                map: map, key: [.sourceAddress], data: [.destinationAddress, .destinationPort], timeoutSeconds: timeout)
        }
        guard let localMap else { return Chain(name, rules: [Rule(remember(map))]) }
        let inCluster = node.localPodMatches(family) + [.sourceIsLocal]
        return Chain(
            name,
            rules: inCluster.map { Rule($0, remember(map), .verdict(.return)) } + [Rule(remember(localMap))])
    }
}
