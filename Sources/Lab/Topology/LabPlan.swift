import NetTypes

/// Who has which address in a lab: a node between a client outside and pods, all routed, both families.
///
///     client 10.2.0.2 ── 10.2.0.1 node 10.1.0.1 ── 10.1.0.2 pod
///            fd00:2::2 ── fd00:2::1      fd00:1::1 ── fd00:1::2
///
/// Every pod has its own link to the node, as most CNI plugins do it. Node and client are each other's default route,
/// and the client forwards nothing: what nobody rewrites is lost in silence there.
public struct LabPlan: Sendable, Hashable {
    public struct Pod: Sendable, Hashable {
        public let name: String
        public let addresses: [IPAddress]
    }

    /// The first of each family is the node's own; the others share its interface.
    public var nodeAddresses: [IPAddress]
    public var clientAddresses: [IPAddress]
    public var pods: [Pod]

    /// `localPods` run on this node (10.1.0.0/24); `remotePods` stand for those of another one (10.1.1.0/24).
    public init(
        localPods: Int, localName: String = "pod", remotePods: Int = 0, nodeAddressCount: Int = 1,
        clientAddressCount: Int = 1
    ) {
        nodeAddresses = (0..<UInt8(clamping: nodeAddressCount)).flatMap { Self.outside($0 == 0 ? 1 : 100 + $0) }
        clientAddresses = (0..<UInt8(clamping: clientAddressCount)).flatMap { Self.outside(2 + $0) }
        pods =
            (0..<localPods).map { Self.pod(localName, $0, network: 0) }
            + (0..<remotePods).map { Self.pod("remote", $0, network: 1) }
    }

    private static func outside(_ host: UInt8) -> [IPAddress] {
        [IPAddress(10, 2, 0, host), IPAddress(high: 0xfd00_0002_0000_0000, low: UInt64(host))]
    }

    private static func pod(_ name: String, _ index: Int, network: UInt8) -> Pod {
        let host = UInt8(clamping: index + 2)
        let six = IPAddress(high: 0xfd00_0001_0000_0000, low: UInt64(network) << 16 | UInt64(host))
        return Pod(name: "\(name)-\(index + 1)", addresses: [IPAddress(10, 1, network, host), six])
    }

    /// The node's address toward its pods.
    public static let podGateways = [IPAddress(10, 1, 0, 1), IPAddress(high: 0xfd00_0001_0000_0000, low: 1)]

    /// 10.1.0.0/16 and fd00:1::/64: every pod of the cluster.
    public static let podCIDRs = prefixes([(IPAddress(10, 1, 0, 0), 16), (podGateways[1], 64)])
    /// 10.1.0.0/24 and fd00:1::/112: the pods of this node.
    public static let nodePodCIDRs = prefixes([(IPAddress(10, 1, 0, 0), 24), (podGateways[1], 112)])
    /// 10.96.0.0/16 and fd00:96::/112.
    public static let serviceCIDRs = prefixes([
        (IPAddress(10, 96, 0, 0), 16), (IPAddress(high: 0xfd00_0096_0000_0000, low: 0), 112),
    ])

    private static func prefixes(_ parts: [(IPAddress, UInt8)]) -> [CIDR] {
        parts.compactMap { CIDR($0, prefixLength: $1) }
    }

    /// The prefix length of the network between node and client.
    static func outsidePrefixLength(_ family: IPFamily) -> UInt8 { family == .ipv4 ? 24 : 64 }
}
