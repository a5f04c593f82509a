import NetTypes
import Nftables
import ProxyCore

/// The proxy's ports that packets are given to as they come: one for each protocol and both kinds of clients.
struct InterceptPorts: Hashable, Sendable {
    let tcp: RelayPorts
    let udp: RelayPorts
}

/// The proxy's ports on this node that serve one frontend.
struct RelayPorts: Hashable, Sendable {
    /// For pods and processes of this node.
    let inside: UInt16
    let outside: UInt16
}

/// Everything that one service port puts into the table: a pure function of the port and of the proxy's own ports.
struct UserspaceProgram {
    /// By set and key.
    private(set) var elements: [UserspaceLayout.SetName: [RegisterBytes: SetElement]] = [:]
    private(set) var clusterIPs: [IPAddress] = []
    private(set) var firewall: Chain?

    /// `isIntercepted`: the proxy gets packets as they come, for endpoints to see their clients.
    init(_ port: ServicePort, isIntercepted: Bool = false, _ ports: (Frontend) -> RelayPorts?) {
        guard port.name.proto != .sctp else { return }
        for frontend in port.frontends {
            if case .clusterIP(let address) = frontend.address { clusterIPs.append(address) }
            serve(port, frontend, ports(frontend))
            if isIntercepted { intercept(port, frontend) }
            guardSources(port, frontend)
        }
    }

    private mutating func serve(_ port: ServicePort, _ frontend: Frontend, _ ports: RelayPorts?) {
        let isNodePort = frontend.address.ip == nil
        let comment = "\(port.name)"
        guard port.hasAnyEndpoint else {
            add(isNodePort ? .noEndpointNodePorts : .noEndpointServices, port, frontend, comment: comment)
            return
        }
        let inside = port.endpoints(frontend, isInside: true)
        let outside = port.endpoints(frontend, isInside: false)
        if let ports, !inside.isEmpty {
            add(isNodePort ? .insideNodePorts : .insideServices, port, frontend, ports.inside.datum, comment: comment)
        }
        if let ports, !outside.isEmpty {
            add(
                isNodePort ? .outsideNodePorts : .outsideServices, port, frontend, ports.outside.datum, comment: comment
            )
        }
        if inside.isEmpty || outside.isEmpty {
            add(isNodePort ? .noLocalEndpointNodePorts : .noLocalEndpointServices, port, frontend, comment: comment)
        }
    }

    private mutating func intercept(_ port: ServicePort, _ frontend: Frontend) {
        let isNodePort = frontend.address.ip == nil
        if !port.endpoints(frontend, isInside: true).isEmpty {
            add(isNodePort ? .insideTransparentNodePorts : .insideTransparent, port, frontend)
        }
        if !port.endpoints(frontend, isInside: false).isEmpty {
            add(isNodePort ? .outsideTransparentNodePorts : .outsideTransparent, port, frontend)
        }
    }

    private mutating func guardSources(_ port: ServicePort, _ frontend: Frontend) {
        guard let ranges = port.sourceRanges else { return }
        let chain = "firewall-\(port.name.proto)-\(port.name)"
        switch frontend.address {
        case .loadBalancerIP: add(.firewallIPs, port, frontend, .verdict(.goto(chain)))
        case .nodePort where port.sourceRangesGuardNodePort:
            add(.firewallNodePorts, port, frontend, .verdict(.goto(chain)))
        default: return
        }
        firewall = Chain(
            chain,
            rules: ranges.map { Rule(.matchAddress(.sourceAddress, $0), .verdict(.return)) } + [Rule(.verdict(.drop))])
    }

    private mutating func add(
        _ set: UserspaceLayout.SetName, _ port: ServicePort, _ frontend: Frontend, _ data: SetElement.Data = .none,
        comment: String? = nil
    ) {
        var key = frontend.address.ip?.registerBytes ?? RegisterBytes()
        key.append(port.name.proto)
        key.append(port: frontend.port)
        elements[set, default: [:]][key] = SetElement(key: key, data: data, comment: comment)
    }
}

extension UInt16 {
    /// A port as a map's data.
    fileprivate var datum: SetElement.Data {
        var bytes = RegisterBytes()
        bytes.append(port: self)
        return .bytes(bytes)
    }
}

extension ServicePort {
    /// What a client may reach at a frontend. Pods and processes of this node need no load balancer to send them to
    /// another node, so that policy Local does not bind them.
    func endpoints(_ frontend: Frontend, isInside: Bool) -> EndpointSet {
        guard frontend.address.isExternal else { return internalEndpoints }
        return externalPolicyIsLocal && !isInside ? localEndpoints : clusterEndpoints
    }

    /// Endpoints on this node shall see the client's address.
    var keepsClients: Bool { name.proto != .sctp && userspace?.preservesClientIP == true }

    /// Whoever may be chosen for some client, each once.
    var allEndpoints: [AddressPort] {
        Array(Set(internalEndpoints.endpoints + clusterEndpoints.endpoints + localEndpoints.endpoints)).sorted()
    }
}
