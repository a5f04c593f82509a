import NetTypes

/// The first packet of a connection, as it enters the node or as the node sends it.
public struct Packet: Hashable, Sendable {
    public let proto: TransportProtocol
    public let source: AddressPort
    public let destination: AddressPort
    /// nil for packets of the node itself, and where it does not matter.
    public let inputInterface: String?
    /// A process on the node sends it.
    public let isFromNode: Bool

    public init(
        proto: TransportProtocol, source: AddressPort, destination: AddressPort, inputInterface: String? = nil,
        isFromNode: Bool = false
    ) {
        self.proto = proto
        self.source = source
        self.destination = destination
        self.inputInterface = inputInterface
        self.isFromNode = isFromNode
    }
}

/// What happens to the first packet of a connection.
public enum Verdict: Hashable, Sendable {
    /// None of the proxy's business.
    case notService
    /// Answered with ICMP port unreachable.
    case reject(Refusal)
    case drop(Refusal)
    case balance(Balance)

    /// Why a packet is not served.
    public enum Refusal: String, Hashable, Sendable {
        case sourceRanges = "the source is outside loadBalancerSourceRanges"
        case noEndpoints = "the Service has no usable endpoint"
        case noLocalEndpoints = "the traffic policy is Local and no usable endpoint runs on this node"
        case unknownPort = "no Service has this port on this cluster IP"
        case unallocatedAddress = "the address is in a service CIDR and belongs to no Service"
    }

    public struct Balance: Hashable, Sendable {
        public let service: ServicePortName
        public let endpoints: EndpointSet
        public let algorithm: BalanceAlgorithm
        /// Seconds; nil without ClientIP affinity.
        public let affinityTimeout: UInt32?
        public let masquerade: Masquerade
        /// nil unless `masquerade` is `always`.
        public let masqueradeCause: MasqueradeCause?
    }

    public enum Masquerade: String, Hashable, Sendable {
        case always
        /// When the endpoint chosen is the source itself.
        case onlyHairpin
        case never
    }

    public enum MasqueradeCause: String, Hashable, Sendable {
        case masqueradeAll = "masqueradeAll is set"
        case notLocalPod = "the source is not a pod of this node"
        case externalCluster = "externalTrafficPolicy is Cluster"
        case nodeToExternal = "the node itself sends it to an external address"
    }
}
