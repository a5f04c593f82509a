import NetTypes
import Nftables
import ProxyCore

/// The chains that every table has; they depend on the node's facts and on no Service.
struct UserspaceSkeleton {
    let family: IPFamily
    let node: NodeFacts
    /// The proxy's ports behind which endpoints see their clients; nil while no Service asks, so that no packet pays.
    var transparent: InterceptPorts?

    private var isTransparent: Bool { transparent != nil }

    private typealias Name = UserspaceLayout.SetName
    private static let service = UserspaceLayout.serviceKey
    private static let nodePort = UserspaceLayout.nodePortKey

    var chains: [Chain] {
        [
            redirecting("inside", .insideServices, .insideNodePorts),
            redirecting("outside", .outsideServices, .outsideNodePorts), firewallCheck, endpointsCheck,
            nodePortEndpointsCheck, clusterIPsCheck,
            taking("transparent-inside", .insideTransparent, .insideTransparentNodePorts, \.inside),
            taking("transparent-outside", .outsideTransparent, .outsideTransparentNodePorts, \.outside),
        ] + baseChains
    }

    var nodePortElements: [SetElement] {
        node.nodePortAddresses.filter { $0.family == family }.map { SetElement(key: $0.registerBytes) }
    }

    private func isNodePortAddress(_ name: Name = .nodePortIPs) -> Statement {
        .inSet([.destinationAddress], set: name.rawValue)
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
                    Rule(isNodePortAddress(), .matchProtocol($0), .redirect(Self.nodePort, map: nodePorts.rawValue))
                })
    }

    /// What was redirected before the Service asked goes on so. Then Services: a connection that begins anew where an old
    /// one has just ended needs the listener. Then whatever comes for connections that there are: of clients to addresses
    /// that are served no longer, and of endpoints to clients.
    private func taking(
        _ chain: String, _ services: Name, _ nodePorts: Name, _ side: KeyPath<RelayPorts, UInt16>
    ) -> Chain {
        guard let transparent else { return Chain(chain, rules: []) }
        let ports = [(TransportProtocol.tcp, transparent.tcp), (.udp, transparent.udp)]
        let toProxy = ports.flatMap { proto, ports in
            let statements = [.matchProtocol(proto), .tproxy(port: ports[keyPath: side])] + Self.take
            return [
                Rule([.inSet(Self.service, set: services.rawValue)] + statements),
                Rule([isNodePortAddress(), .inSet(Self.nodePort, set: nodePorts.rawValue)] + statements),
            ]
        }
        return Chain(chain, rules: [Rule(.connectionHasDNAT, .verdict(.return))] + toProxy + Self.takingKnown)
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

    private var firewallCheck: Chain {
        Chain(
            "firewall-check",
            rules: [
                Rule(.verdictMap(Self.service, map: Name.firewallIPs.rawValue)),
                Rule(isNodePortAddress(), .verdictMap(Self.nodePort, map: Name.firewallNodePorts.rawValue)),
            ])
    }

    private var endpointsCheck: Chain {
        Chain(
            "service-endpoints-check",
            rules: [
                Rule(.inSet(Self.service, set: Name.noEndpointServices.rawValue), .reject),
                Rule(.inSet(Self.service, set: Name.noLocalEndpointServices.rawValue), .verdict(.drop)),
            ])
    }

    private var nodePortEndpointsCheck: Chain {
        func refuse(_ set: Name, _ how: Statement) -> Rule {
            Rule(isNodePortAddress(), .inSet(Self.nodePort, set: set.rawValue), how)
        }
        return Chain(
            "nodeport-endpoints-check",
            rules: [refuse(.noEndpointNodePorts, .reject), refuse(.noLocalEndpointNodePorts, .verdict(.drop))])
    }

    private var clusterIPsCheck: Chain {
        let wrongPort = Rule(
            .inSet([.destinationAddress], set: Name.clusterIPs.rawValue), .reject,
            comment: "reject traffic to invalid ports of ClusterIPs")
        let unallocated = node.serviceCIDRs.filter { $0.family == family }.map {
            Rule(
                .matchAddress(.destinationAddress, $0), .verdict(.drop),
                comment: "drop traffic to unallocated ClusterIPs")
        }
        return Chain("cluster-ips-check", rules: [wrongPort] + unallocated)
    }

    /// Chains at hooks. Filter chains before the redirect have priority dstnat-10, those after it dstnat+10.
    private var baseChains: [Chain] {
        func jump(_ chain: String) -> Rule { Rule(.verdict(.jump(chain))) }
        func whenNew(_ chain: String) -> Rule { Rule(.connectionIsNew, .verdict(.jump(chain))) }
        let services = whenNew("service-endpoints-check")
        let nodePorts = whenNew("nodeport-endpoints-check")
        let clusterIPs = whenNew("cluster-ips-check")
        let firewall = whenNew("firewall-check")
        func fromInside(_ chain: String) -> [Rule] {
            (localPods + [.sourceIsLocal]).map { Rule($0, .verdict(.goto(chain))) }
        }
        let mangle = fromInside("transparent-inside") + [jump("transparent-outside")]
        let isTaken = Rule(.matchMark(mask: UserspaceLayout.transparentMark, isSet: true), .verdict(.return))
        return [
            Chain(
                "mangle-prerouting", hook: .init(.filter, .prerouting, priority: -150),
                rules: isTransparent ? mangle : []),
            Chain("filter-prerouting", hook: .init(.filter, .prerouting, priority: -110), rules: [firewall]),
            Chain("filter-output", hook: .init(.filter, .output, priority: -110), rules: [firewall]),
            Chain(
                "nat-prerouting", hook: .init(.nat, .prerouting, priority: -100),
                rules: (isTransparent ? [isTaken] : []) + fromInside("inside") + [jump("outside")]),
            Chain("nat-output", hook: .init(.nat, .output, priority: -100), rules: [jump("inside")]),
            Chain("filter-input", hook: .init(.filter, .input, priority: -90), rules: [nodePorts, services]),
            Chain("filter-forward", hook: .init(.filter, .forward, priority: -90), rules: [services, clusterIPs]),
            Chain(
                "filter-output-late", hook: .init(.filter, .output, priority: -90),
                rules: [services, nodePorts, clusterIPs]),
        ]
    }

    /// Statements of which one matches exactly the traffic of local pods.
    private var localPods: [Statement] {
        switch node.detector {
        case .cidrs(let cidrs): cidrs.filter { $0.family == family }.map { .matchAddress(.sourceAddress, $0) }
        case .bridge(let name): [.matchInputInterface(name)]
        case .interfacePrefix(let prefix): [.matchInputInterface(prefix, isPrefix: true)]
        case .none: []
        }
    }
}

extension IPAddress {
    var registerBytes: RegisterBytes {
        var bytes = RegisterBytes()
        bytes.append(self)
        return bytes
    }
}
