import NetTypes
import Nftables
import ProxyCore
import ServiceTables

/// The chains that every table has; they depend on the node's facts and on no Service.
struct UserspaceSkeleton {
    let family: IPFamily
    let node: NodeFacts
    /// The proxy's ports behind which endpoints see their clients; nil while no Service asks, so that no packet pays.
    var transparent: InterceptPorts?

    private var isTransparent: Bool { transparent != nil }

    private typealias Name = UserspaceLayout.SetName
    private static let service = ServiceKey.service
    private static let nodePort = ServiceKey.nodePort

    var chains: [Chain] {
        [
            redirecting("inside", .insideServices, .insideNodePorts),
            redirecting("outside", .outsideServices, .outsideNodePorts),
            taking("transparent-inside", .insideTransparent, .insideTransparentNodePorts, \.inside),
            taking("transparent-outside", .outsideTransparent, .outsideTransparentNodePorts, \.outside),
            Chain("transparent", rules: fromInside("transparent-inside") + [Self.jump("transparent-outside")]),
            intercepting,
        ] + Refusals(family, node).chains + baseChains
    }

    var nodePortElements: [SetElement] {
        node.nodePortAddresses.filter { $0.family == family }.map { SetElement(key: $0.registerBytes) }
    }

    /// nft wants a protocol before it takes a port to redirect to.
    private func redirecting(_ chain: String, _ services: Name, _ nodePorts: Name) -> Chain {
        let protocols: [TransportProtocol] = [.tcp, .udp]
        return Chain(
            chain,
            rules: protocols.map {
                Rule(.matchProtocol($0), .redirect(Self.service, map: services.rawValue))
            }
                + protocols.map {
                    Rule(
                        Refusals.isNodePortAddress, .matchProtocol($0),
                        .redirect(Self.nodePort, map: nodePorts.rawValue))
                })
    }

    /// Gives the proxy what nothing of it is connected for yet.
    private func taking(
        _ chain: String, _ services: Name, _ nodePorts: Name, _ side: KeyPath<RelayPorts, UInt16>
    ) -> Chain {
        guard let transparent else { return Chain(chain, rules: []) }
        let ports = [(TransportProtocol.tcp, transparent.tcp), (.udp, transparent.udp)]
        let toProxy = ports.flatMap { proto, ports in
            let statements = [.matchProtocol(proto), .tproxy(port: ports[keyPath: side])] + Self.take
            return [
                Rule([.inSet(Self.service, set: services.rawValue)] + statements),
                Rule([Refusals.isNodePortAddress, .inSet(Self.nodePort, set: nodePorts.rawValue)] + statements),
            ]
        }
        return Chain(chain, rules: toProxy)
    }

    /// What was redirected before the Service asked goes on so. Then whatever comes for connections that there are, the
    /// most by far: of clients, also to addresses that are served no longer, and of endpoints to clients. A connection that
    /// begins anew where an old one has just ended needs the listener and no old socket.
    private var intercepting: Chain {
        let looksUp = Statement.verdict(.goto("transparent"))
        return Chain(
            "mangle-prerouting", hook: .init(.filter, .prerouting, priority: -150),
            rules: isTransparent
                ? [Rule(.connectionHasDNAT, .verdict(.return)), Rule(.connectionIsNew, looksUp)] + Self.takingKnown
                    + [Rule(looksUp)] : [])
    }

    private static let take: [Statement] = [.setMarkBits(UserspaceLayout.transparentMark), .verdict(.accept)]

    /// Takes the packets of transparent sockets that are connected.
    private static let takingKnown = [TransportProtocol.tcp, .udp].map {
        Rule([.matchProtocol($0), .socketIsTransparent] + take)
    }

    /// In place of all others once nothing is redirected any more: what open transparent connections need. A client that
    /// begins anew is no concern of theirs.
    static var drain: [Nftables.Operation] {
        let chain = Chain(
            "mangle-prerouting", hook: .init(.filter, .prerouting, priority: -150),
            rules: [Rule(.matchProtocol(.tcp), .connectionIsNew, .verdict(.return))] + takingKnown)
        return [
            .addTable(comment: UserspaceLayout.drainComment), .addChain(chain),
            .addRules(chain: chain.name, chain.rules),
        ]
    }

    private static func jump(_ chain: String) -> Rule { Rule(.verdict(.jump(chain))) }

    /// Clients on this node and its pods go on in `chain`.
    private func fromInside(_ chain: String) -> [Rule] {
        (node.localPodMatches(family) + [.sourceIsLocal]).map { Rule($0, .verdict(.goto(chain))) }
    }

    /// Chains at hooks. Filter chains before the redirect have priority dstnat-10, those after it dstnat+10.
    private var baseChains: [Chain] {
        func whenNew(_ chain: String) -> Rule { Rule(.connectionIsNew, .verdict(.jump(chain))) }
        let services = whenNew(Refusals.ChainName.serviceEndpointsCheck)
        let nodePorts = whenNew(Refusals.ChainName.nodePortEndpointsCheck)
        let clusterIPs = whenNew(Refusals.ChainName.clusterIPsCheck)
        let firewall = whenNew(Refusals.ChainName.firewallCheck)
        let isTaken = Rule(.matchMark(mask: UserspaceLayout.transparentMark, isSet: true), .verdict(.return))
        return [
            Chain("filter-prerouting", hook: .init(.filter, .prerouting, priority: -110), rules: [firewall]),
            Chain("filter-output", hook: .init(.filter, .output, priority: -110), rules: [firewall]),
            Chain(
                "nat-prerouting", hook: .init(.nat, .prerouting, priority: -100),
                rules: (isTransparent ? [isTaken] : []) + fromInside("inside") + [Self.jump("outside")]),
            Chain("nat-output", hook: .init(.nat, .output, priority: -100), rules: [Self.jump("inside")]),
            Chain("filter-input", hook: .init(.filter, .input, priority: -90), rules: [nodePorts, services]),
            Chain("filter-forward", hook: .init(.filter, .forward, priority: -90), rules: [services, clusterIPs]),
            Chain(
                "filter-output-late", hook: .init(.filter, .output, priority: -90),
                rules: [services, nodePorts, clusterIPs]),
        ]
    }
}

extension IPAddress {
    var registerBytes: RegisterBytes {
        var bytes = RegisterBytes()
        bytes.append(self)
        return bytes
    }
}
