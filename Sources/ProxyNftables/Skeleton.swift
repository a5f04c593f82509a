import NetTypes
import Nftables
import ProxyCore
import ServiceTables

/// The chains that every table has, with their rules; they depend on the node's facts and on no Service.
struct Skeleton {
    let family: IPFamily
    let node: NodeFacts

    var chains: [Chain] {
        [mark, markRemote, masquerading, services] + Refusals(family, node).chains + [affinityRecord] + baseChains
    }

    private var markBits: UInt32 { 1 << UInt32(node.masqueradeBit) }

    private var mark: Chain {
        Chain(Layout.ChainName.mark, rules: [Rule(.setMarkBits(markBits))])
    }

    /// Cluster-IP traffic: masqueraded unless it comes from a pod of this cluster.
    private var markRemote: Chain {
        let toMark = Statement.verdict(.jump(Layout.ChainName.mark))
        let localPods = node.localPodMatches(family)
        let rules: [Rule] =
            if node.masqueradeAll {
                [Rule(toMark)]
            } else if localPods.isEmpty {
                []
            } else {
                localPods.map { Rule([$0, .verdict(.return)]) } + [Rule(toMark)]
            }
        return Chain(Layout.ChainName.markRemote, rules: rules)
    }

    private var masquerading: Chain {
        Chain(
            Layout.ChainName.masquerading,
            rules: [
                Rule(
                    .connectionHasDNAT,
                    .inSet([.sourceAddress, .destinationAddress], set: Layout.SetName.hairpinConnections.rawValue),
                    .masquerade, comment: "an endpoint that reaches itself through its Service"),
                Rule(.matchMark(mask: markBits, isSet: false), .verdict(.return)),
                Rule(.flipMarkBits(markBits)),
                Rule(.masquerade),
            ])
    }

    private var services: Chain {
        Chain(
            Layout.ChainName.services,
            rules: [
                Rule(.verdictMap(Layout.serviceKey, map: Layout.SetName.serviceIPs.rawValue)),
                Rule(
                    Refusals.isNodePortAddress,
                    .verdictMap(Layout.nodePortKey, map: Layout.SetName.serviceNodePorts.rawValue)),
            ])
    }

    /// nft knows the type of the original port only after a protocol.
    private var affinityRecord: Chain {
        let serviceMap = Statement.verdictMap(Layout.originalServiceKey, map: Layout.SetName.affinityServices.rawValue)
        let nodePortMap = Statement.verdictMap(
            Layout.originalNodePortKey, map: Layout.SetName.affinityNodePorts.rawValue)
        let isNodePort = Statement.inSet([.originalDestinationAddress], set: Layout.SetName.nodePortIPs.rawValue)
        return Chain(
            Layout.ChainName.affinityRecord,
            rules: TransportProtocol.allCases.flatMap {
                [Rule(.matchProtocol($0), serviceMap), Rule(.matchProtocol($0), isNodePort, nodePortMap)]
            })
    }

    /// Chains at hooks. Filter chains before DNAT have priority dstnat-10, those that must see its result dstnat+10.
    private var baseChains: [Chain] {
        func whenNew(_ chain: String) -> Rule { Rule(.connectionIsNew, .verdict(.jump(chain))) }
        let record = Rule(
            .connectionIsNew, .connectionHasDNAT, .verdict(.jump(Layout.ChainName.affinityRecord)))
        let nodePorts = whenNew(Refusals.ChainName.nodePortEndpointsCheck)
        let services = whenNew(Refusals.ChainName.serviceEndpointsCheck)
        let clusterIPs = whenNew(Refusals.ChainName.clusterIPsCheck)
        let firewall = whenNew(Refusals.ChainName.firewallCheck)
        let toServices = Rule(.verdict(.jump(Layout.ChainName.services)))
        return [
            Chain(
                "filter-prerouting", hook: .init(.filter, .prerouting, priority: -110),
                rules: loopbackGuard + [firewall]),
            Chain("filter-input", hook: .init(.filter, .input, priority: -110), rules: [nodePorts, services, record]),
            Chain(
                "filter-forward", hook: .init(.filter, .forward, priority: -110), rules: [services, clusterIPs, record]),
            Chain("filter-output", hook: .init(.filter, .output, priority: -110), rules: [firewall]),
            Chain(
                "filter-output-post-dnat", hook: .init(.filter, .output, priority: -90),
                rules: [services, nodePorts, clusterIPs, record]),
            Chain("nat-prerouting", hook: .init(.nat, .prerouting, priority: -100), rules: [toServices]),
            Chain("nat-output", hook: .init(.nat, .output, priority: -100), rules: [toServices]),
            Chain(
                "nat-postrouting", hook: .init(.nat, .postrouting, priority: 100),
                rules: [Rule(.verdict(.jump(Layout.ChainName.masquerading)))]),
        ]
    }
}

extension Skeleton {
    /// Node ports on 127.0.0.1 need `route_localnet`, which by itself would let neighbours in to everything that listens
    /// there (CVE-2020-8558). Replies to them pass: their addresses are still those outside.
    fileprivate var loopbackGuard: [Rule] {
        guard family == .ipv4, node.hasLoopbackNodePorts, let loopback = CIDR("127.0.0.0/8") else { return [] }
        return [
            Rule(
                .matchInputInterface("lo", isNot: true), .matchAddress(.destinationAddress, loopback), .verdict(.drop),
                comment: "nobody outside reaches 127.0.0.0/8")
        ]
    }
}
