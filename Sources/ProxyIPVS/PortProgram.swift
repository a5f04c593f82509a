import IPSet
import IPVS
import NetTypes
import ProxyCore

/// What the kernel holds for one service port: a function of the port, the node, the options and the port's mark.
struct PortProgram: Sendable {
    /// A virtual server with its destinations.
    struct Server: Hashable, Sendable {
        let server: VirtualServer
        let destinations: [AddressPort: UInt32]
        /// Datagrams have no end to wait for.
        var hasConnections = true
    }

    private(set) var servers: [VirtualServer.Key: Server] = [:]
    /// What `kube-ipvs0` must hold, and `KUBE-IPVS-IPS`; several service ports may share one.
    private(set) var addresses: Set<IPAddress> = []
    /// Service ports may share some.
    private(set) var members: Set<SetMember> = []

    static let empty = PortProgram()

    private init() {}

    /// `mark` is for ports that `needsMark`; without it local pods and the node go where clients from outside go.
    /// `foreign` addresses are other interfaces': what else answers there goes on answering.
    init(
        _ port: ServicePort, _ node: NodeFacts, _ options: IPVSOptions, mark: UInt32? = nil,
        foreign: Set<IPAddress> = []
    ) {
        for frontend in port.frontends {
            if let ip = frontend.address.ip {
                if !foreign.contains(ip) {
                    addresses.insert(ip)
                    members.insert(SetMember(.ipvsIPs, .ip(ip)))
                }
                add(frontend, at: ip, port, options, mark)
            } else {
                for ip in node.nodePortAddresses where ip.family == port.name.family && !ip.isLoopback {
                    members.insert(Self.nodePort(frontend.port, at: ip, port))
                    add(frontend, at: ip, port, options, mark)
                }
            }
        }
        if let mark {
            addServer(.mark(mark, port.name.family), port.clusterEndpoints, port, options)
        }
        if let check = port.healthCheckNodePort { members.insert(SetMember(.healthCheckNodePort, .port(check))) }
        addHairpins(port)
    }

    /// True under policy Local where clients from outside may use other endpoints than local pods and the node.
    static func needsMark(_ port: ServicePort) -> Bool {
        port.externalPolicyIsLocal && !port.localEndpoints.isEmpty && port.localEndpoints != port.clusterEndpoints
            && port.frontends.contains(where: \.address.isExternal)
    }

    private mutating func add(
        _ frontend: Frontend, at ip: IPAddress, _ port: ServicePort, _ options: IPVSOptions, _ mark: UInt32?
    ) {
        let entry = SetEntry.Key.ipPort(ip, port.name.proto, frontend.port)
        let endpoints = Self.endpoints(port, frontend)
        addServer(.address(AddressPort(ip, frontend.port), port.name.proto), endpoints, port, options)
        switch frontend.address {
        case .clusterIP: members.insert(SetMember(.clusterIP, entry))
        case .externalIP:
            members.insert(SetMember(port.externalPolicyIsLocal ? .externalIPLocal : .externalIP, entry))
        case .loadBalancerIP:
            members.insert(SetMember(port.externalPolicyIsLocal ? .loadBalancerLocal : .loadBalancer, entry))
        case .nodePort: break
        }
        if let mark, frontend.address.isExternal { members.insert(SetMember(.inside, entry, mark: mark)) }
        addSilence(frontend, entry, port, hasEndpoints: !endpoints.isEmpty)
        guard let ranges = port.ranges(of: frontend) else { return }
        members.insert(SetMember(.loadBalancerFirewall, entry))
        for range in ranges where range.family == ip.family {
            members.insert(
                SetMember(.loadBalancerSourceCIDR, .ipPortNet(ip, port.name.proto, frontend.port, range)))
        }
    }

    private mutating func addServer(
        _ key: VirtualServer.Key, _ endpoints: EndpointSet, _ port: ServicePort, _ options: IPVSOptions
    ) {
        let balance = Balance(port, endpoints, key, options)
        servers[key] = Server(
            server: VirtualServer(
                key, scheduler: balance.scheduler, flags: balance.flags, persistence: balance.persistence),
            destinations: endpoints.weightsByTarget, hasConnections: port.name.proto == .tcp)
    }

    /// A virtual server without destinations rejects; policy Local drops instead when there are endpoints elsewhere.
    private mutating func addSilence(
        _ frontend: Frontend, _ entry: SetEntry.Key, _ port: ServicePort, hasEndpoints: Bool
    ) {
        guard port.hasAnyEndpoint else { return }
        if !hasEndpoints {
            members.insert(SetMember(.silent, entry))
        } else if frontend.address.isExternal, port.externalPolicyIsLocal, port.localEndpoints.isEmpty {
            members.insert(SetMember(.silentOutside, entry))
        }
    }

    private mutating func addHairpins(_ port: ServicePort) {
        let local = Set(port.hairpinAddresses)
        for set in [port.internalEndpoints, port.clusterEndpoints, port.localEndpoints] {
            for target in set.endpoints where local.contains(target.address) {
                members.insert(
                    SetMember(
                        .loopBack, .ipPortIP(target.address, port.name.proto, target.port, target.address)))
            }
        }
    }

    /// A virtual server has one set of destinations. Under policy Local these are the local endpoints, and a mark leads
    /// local pods and the node elsewhere; where there are none, all, for local pods and the node alone.
    private static func endpoints(_ port: ServicePort, _ frontend: Frontend) -> EndpointSet {
        guard frontend.address.isExternal else { return port.internalEndpoints }
        guard port.externalPolicyIsLocal, !port.localEndpoints.isEmpty else { return port.clusterEndpoints }
        return port.localEndpoints
    }

    private static func nodePort(_ number: UInt16, at ip: IPAddress, _ port: ServicePort) -> SetMember {
        let isLocal = port.externalPolicyIsLocal
        switch port.name.proto {
        case .tcp: return SetMember(isLocal ? .nodePortLocalTCP : .nodePortTCP, .port(number))
        case .udp: return SetMember(isLocal ? .nodePortLocalUDP : .nodePortUDP, .port(number))
        // The kernel has no bitmap of SCTP ports.
        case .sctp: return SetMember(isLocal ? .nodePortLocalSCTP : .nodePortSCTP, .ipPort(ip, .sctp, number))
        }
    }
}

extension EndpointSet {
    fileprivate var weightsByTarget: [AddressPort: UInt32] {
        var byTarget: [AddressPort: UInt32] = [:]
        for (index, target) in endpoints.enumerated() {
            byTarget[target] = index < weights.count ? UInt32(weights[index]) : 1
        }
        return byTarget
    }
}

extension ServicePort {
    fileprivate func ranges(of frontend: Frontend) -> [CIDR]? {
        switch frontend.address {
        case .clusterIP, .externalIP: nil
        case .loadBalancerIP: sourceRanges
        case .nodePort: sourceRangesGuardNodePort ? sourceRanges : nil
        }
    }
}
