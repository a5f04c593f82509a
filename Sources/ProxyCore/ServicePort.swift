import KubeAPI
import NetTypes

/// Identifies one port of one Service in one address family.
public struct ServicePortName: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let service: NamespacedName
    /// The port's name; empty for an unnamed single port.
    public let port: String
    public let proto: TransportProtocol
    public let family: IPFamily

    public init(service: NamespacedName, port: String, proto: TransportProtocol, family: IPFamily) {
        self.service = service
        self.port = port
        self.proto = proto
        self.family = family
    }

    /// `namespace/name:port`, as kube-proxy writes it in comments and logs.
    public var description: String { port.isEmpty ? "\(service)" : "\(service):\(port)" }

    public static func < (a: ServicePortName, b: ServicePortName) -> Bool {
        if a.service != b.service { return a.service < b.service }
        if a.port != b.port { return a.port < b.port }
        if a.proto != b.proto { return a.proto < b.proto }
        return a.family < b.family
    }
}

/// Where clients reach a service port.
public enum FrontendAddress: Hashable, Sendable, Comparable {
    case clusterIP(IPAddress)
    case externalIP(IPAddress)
    case loadBalancerIP(IPAddress)
    /// Any of the node's node-port addresses; the port is the node port.
    case nodePort

    /// nil for a node port.
    public var ip: IPAddress? {
        switch self {
        case .clusterIP(let ip), .externalIP(let ip), .loadBalancerIP(let ip): ip
        case .nodePort: nil
        }
    }

    /// True for every kind but the cluster IP: externalTrafficPolicy governs it.
    public var isExternal: Bool {
        if case .clusterIP = self { false } else { true }
    }
}

/// One address and port on which a service port is served. Within a `ProxyState` no two service ports of a family
/// hold equal (address, port, protocol); the loser of a conflict does not list it.
public struct Frontend: Hashable, Sendable, Comparable {
    public let address: FrontendAddress
    public let port: UInt16

    public init(_ address: FrontendAddress, _ port: UInt16) {
        self.address = address
        self.port = port
    }

    public static func < (a: Frontend, b: Frontend) -> Bool {
        a.address != b.address ? a.address < b.address : a.port < b.port
    }
}

/// How new connections are spread: annotation `apus.dev/balance`.
public enum BalanceAlgorithm: String, Hashable, Sendable, CaseIterable {
    case random
    case roundRobin = "round-robin"
    case sourceHash = "source-hash"
    case maglev
    /// To the endpoint with the fewest open connections for its weight. Modes that do not know them use random.
    case leastConnections = "least-connections"
}

/// Schedulers of the kernel's IPVS (ipvsadm(8)): annotation `apus.dev/ipvs-scheduler`.
public enum IPVSScheduler: String, Hashable, Sendable, CaseIterable {
    case rr, wrr, lc, wlc, lblc, lblcr, sh, dh, sed, nq, mh
}

/// The endpoints new connections may go to, in canonical order: ascending, without repeats.
public struct EndpointSet: Hashable, Sendable {
    public let endpoints: [AddressPort]
    /// Parallel to `endpoints`, each 1...65535; empty when all weigh the same.
    public let weights: [UInt16]

    public static let empty = EndpointSet([AddressPort]())

    /// `endpoints` must be ascending and unique; `weights` empty or parallel.
    public init(_ endpoints: [AddressPort], weights: [UInt16] = []) {
        self.endpoints = endpoints
        self.weights = weights
    }

    public var isEmpty: Bool { endpoints.isEmpty }
    public var count: Int { endpoints.count }
}

/// One service port, resolved: all that a backend needs, and nothing that it does not program.
/// Equal values program the same kernel objects.
public struct ServicePort: Hashable, Sendable {
    public let name: ServicePortName
    /// Ascending.
    public var frontends: [Frontend]
    /// What cluster-IP traffic may reach: all endpoints, or the local ones under internalTrafficPolicy Local.
    public var internalEndpoints: EndpointSet
    /// What external traffic under policy Cluster may reach, and pods and the node under policy Local.
    public var clusterEndpoints: EndpointSet
    /// What external traffic from outside may reach under externalTrafficPolicy Local; unused otherwise.
    public var localEndpoints: EndpointSet
    public var internalPolicyIsLocal: Bool
    public var externalPolicyIsLocal: Bool
    /// True when the Service has any usable endpoint anywhere: traffic without a target is then dropped, else rejected.
    public var hasAnyEndpoint: Bool
    /// Addresses of this service port's endpoints that may run on this node, ascending: hairpin candidates.
    public var hairpinAddresses: [IPAddress]
    /// Seconds; nil without ClientIP affinity.
    public var affinityTimeout: UInt32?
    public var balance: BalanceAlgorithm
    /// False when the Service says nothing, so that `balance` is random and a mode may have a default of its own.
    public var choosesBalance: Bool
    /// In ipvs mode, in the place of `balance`; nil when the Service names none.
    public var ipvsScheduler: IPVSScheduler?
    /// Sources that may use the load-balancer IPs; nil means everyone. Sorted.
    public var sourceRanges: [CIDR]?
    /// The source ranges guard the node port as well (annotation `apus.dev/source-ranges-node-port: "true"`).
    public var sourceRangesGuardNodePort: Bool
    /// Where the node answers whether the Service has local endpoints; the same for all ports of a Service.
    public var healthCheckNodePort: UInt16?
    private var sharedTuning: SharedTuning?

    /// nil when the Service asks for nothing of it.
    public var userspace: UserspaceTuning? {
        get { sharedTuning?.value }
        set { sharedTuning = newValue.flatMap { $0.isUsual ? nil : SharedTuning($0) } }
    }

    /// All ports of a Service share one.
    mutating func share(_ tuning: SharedTuning?) { sharedTuning = tuning }

    public init(
        name: ServicePortName, frontends: [Frontend] = [], internalEndpoints: EndpointSet = .empty,
        clusterEndpoints: EndpointSet = .empty, localEndpoints: EndpointSet = .empty,
        internalPolicyIsLocal: Bool = false, externalPolicyIsLocal: Bool = false, hasAnyEndpoint: Bool = false,
        hairpinAddresses: [IPAddress] = [], affinityTimeout: UInt32? = nil, balance: BalanceAlgorithm = .random,
        choosesBalance: Bool? = nil,
        sourceRanges: [CIDR]? = nil, sourceRangesGuardNodePort: Bool = false, healthCheckNodePort: UInt16? = nil
    ) {
        self.name = name
        self.frontends = frontends
        self.internalEndpoints = internalEndpoints
        self.clusterEndpoints = clusterEndpoints
        self.localEndpoints = localEndpoints
        self.internalPolicyIsLocal = internalPolicyIsLocal
        self.externalPolicyIsLocal = externalPolicyIsLocal
        self.hasAnyEndpoint = hasAnyEndpoint
        self.hairpinAddresses = hairpinAddresses
        self.affinityTimeout = affinityTimeout
        self.balance = balance
        self.choosesBalance = choosesBalance ?? (balance != .random)
        self.sourceRanges = sourceRanges
        self.sourceRangesGuardNodePort = sourceRangesGuardNodePort
        self.healthCheckNodePort = healthCheckNodePort
    }
}
