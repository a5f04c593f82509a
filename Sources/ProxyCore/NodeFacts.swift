import NetTypes

/// How traffic from pods of this node is told from the rest (`detectLocalMode`).
public enum LocalTrafficDetector: Hashable, Sendable {
    /// Sources inside these prefixes are pods (ClusterCIDR and NodeCIDR modes).
    case cidrs([CIDR])
    /// Packets that arrive through this bridge are from pods.
    case bridge(String)
    /// Packets that arrive through interfaces whose name begins so are from pods.
    case interfacePrefix(String)
    /// Nothing is known: no source counts as a local pod.
    case none
}

/// What the decisions need to know of the node and the configuration. Values; watched and read by the shell.
public struct NodeFacts: Hashable, Sendable {
    public var name: String
    public var zone: String?
    /// Addresses on which node ports answer, both families, ascending.
    public var nodePortAddresses: [IPAddress]
    /// Every address of this node's interfaces, both families.
    public var localAddresses: Set<IPAddress>
    public var detector: LocalTrafficDetector
    public var masqueradeAll: Bool
    /// 0...31.
    public var masqueradeBit: UInt8
    /// Service CIDRs whose unallocated addresses are dropped, ascending.
    public var serviceCIDRs: [CIDR]

    public init(
        name: String, zone: String? = nil, nodePortAddresses: [IPAddress] = [],
        localAddresses: Set<IPAddress> = [], detector: LocalTrafficDetector = .none, masqueradeAll: Bool = false,
        masqueradeBit: UInt8 = 14, serviceCIDRs: [CIDR] = []
    ) {
        self.name = name
        self.zone = zone
        self.nodePortAddresses = nodePortAddresses
        self.localAddresses = localAddresses
        self.detector = detector
        self.masqueradeAll = masqueradeAll
        self.masqueradeBit = masqueradeBit
        self.serviceCIDRs = serviceCIDRs
    }

    /// IPv4 alone: the kernel knows no way to do it for IPv6.
    public var hasLoopbackNodePorts: Bool {
        nodePortAddresses.contains { $0.isLoopback && $0.family == .ipv4 }
    }
}
