import IPSet
import IPVS
import NetTypes
import ProxyCore

/// What the kernel holds for one service port: a function of the port, the node and the options.
struct PortProgram: Sendable {
    /// A virtual server with its destinations.
    struct Server: Hashable, Sendable {
        let server: VirtualServer
        let destinations: [AddressPort: UInt32]
    }

    private(set) var servers: [VirtualServer.Key: Server] = [:]
    /// What `kube-ipvs0` must hold; several service ports may share one.
    private(set) var addresses: Set<IPAddress> = []
    /// Service ports may share some.
    private(set) var members: Set<SetMember> = []

    static let empty = PortProgram()

    private init() {}

    init(_ port: ServicePort, _ node: NodeFacts, _ options: IPVSOptions) {
        for frontend in port.frontends {
            if let ip = frontend.address.ip {
                addresses.insert(ip)
                members.insert(SetMember(.ipvsIPs, .ip(ip)))
                add(frontend, at: ip, port, options)
            } else {
                members.insert(Self.nodePort(frontend.port, port))
                for ip in node.nodePortAddresses where ip.family == port.name.family && !ip.isLoopback {
                    add(frontend, at: ip, port, options)
                }
            }
        }
        addHairpins(port)
    }

    private mutating func add(_ frontend: Frontend, at ip: IPAddress, _ port: ServicePort, _ options: IPVSOptions) {
        let key = VirtualServer.Key(AddressPort(ip, frontend.port), port.name.proto)
        let entry = SetEntry.Key.ipPort(ip, port.name.proto, frontend.port)
        let endpoints = Self.endpoints(port, frontend)
        servers[key] = Server(
            server: Self.virtualServer(key, port, isWeighted: !endpoints.weights.isEmpty, options),
            destinations: endpoints.weightsByTarget)
        switch frontend.address {
        case .clusterIP: members.insert(SetMember(.clusterIP, entry))
        case .externalIP:
            members.insert(SetMember(port.externalPolicyIsLocal ? .externalIPLocal : .externalIP, entry))
        case .loadBalancerIP:
            members.insert(SetMember(port.externalPolicyIsLocal ? .loadBalancerLocal : .loadBalancer, entry))
        case .nodePort: break
        }
        addSilence(frontend, entry, port, hasEndpoints: !endpoints.isEmpty)
        guard let ranges = port.ranges(of: frontend) else { return }
        members.insert(SetMember(.loadBalancerFirewall, entry))
        for range in ranges where range.family == ip.family {
            members.insert(
                SetMember(.loadBalancerSourceCIDR, .ipPortNet(ip, port.name.proto, frontend.port, range)))
        }
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

    /// A virtual server has one set of destinations. Under policy Local these are the local endpoints; where there are
    /// none, all, for local pods and the node alone.
    private static func endpoints(_ port: ServicePort, _ frontend: Frontend) -> EndpointSet {
        guard frontend.address.isExternal else { return port.internalEndpoints }
        guard port.externalPolicyIsLocal, !port.localEndpoints.isEmpty else { return port.clusterEndpoints }
        return port.localEndpoints
    }

    private static func nodePort(_ number: UInt16, _ port: ServicePort) -> SetMember {
        let isLocal = port.externalPolicyIsLocal
        switch port.name.proto {
        case .tcp: return SetMember(isLocal ? .nodePortLocalTCP : .nodePortTCP, .port(number))
        case .udp: return SetMember(isLocal ? .nodePortLocalUDP : .nodePortUDP, .port(number))
        case .sctp:
            // The kernel has no bitmap of SCTP ports; the address is any.
            let any = IPAddress.unspecified(port.name.family)
            return SetMember(isLocal ? .nodePortLocalSCTP : .nodePortSCTP, .ipPort(any, .sctp, number))
        }
    }

    private static func virtualServer(
        _ key: VirtualServer.Key, _ port: ServicePort, isWeighted: Bool, _ options: IPVSOptions
    ) -> VirtualServer {
        let (scheduler, flags): (String, VirtualServer.Flags) =
            switch port.balance {
            case .random: (isWeighted ? weighted(options.scheduler) : options.scheduler, [])
            case .roundRobin: (isWeighted ? "wrr" : "rr", [])
            case .sourceHash: ("sh", [.fallback])
            case .maglev: ("mh", [.fallback, .hashesPort])
            }
        return VirtualServer(key, scheduler: scheduler, flags: flags, persistence: port.affinityTimeout)
    }

    /// The scheduler of the same family that heeds weights.
    private static func weighted(_ scheduler: String) -> String {
        switch scheduler {
        case "rr": "wrr"
        case "lc": "wlc"
        default: scheduler
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
