import CLinux
import NetTypes

/// A connection as the kernel tracks it: what the first packet looked like, and what the answers look like.
public struct Flow: Sendable, Hashable {
    /// The first packet, before any translation: client → Service.
    public let original: FlowTuple
    /// The packets that come back, before any translation: endpoint → whoever the endpoint sees.
    public let reply: FlowTuple
    public let status: FlowStatus
    /// nil unless TCP.
    public let tcpState: TCPState?
    public let zone: UInt16
    public let mark: UInt32
    /// Tells this flow from a later one with the same tuple; 0 when the kernel did not say.
    public let id: UInt32

    public init(
        original: FlowTuple, reply: FlowTuple, status: FlowStatus = [], tcpState: TCPState? = nil, zone: UInt16 = 0,
        mark: UInt32 = 0, id: UInt32 = 0
    ) {
        self.original = original
        self.reply = reply
        self.status = status
        self.tcpState = tcpState
        self.zone = zone
        self.mark = mark
        self.id = id
    }

    public var family: IPFamily { original.source.family }

    /// nil for ICMP and others.
    public var proto: TransportProtocol? { TransportProtocol(rawValue: original.proto) }

    /// Where a translated flow really goes: the endpoint.
    public var endpoint: AddressPort { AddressPort(reply.source, reply.sourcePort) }
}

/// One direction of a flow. Ports are 0 for protocols without them.
public struct FlowTuple: Sendable, Hashable {
    public let source: IPAddress
    public let destination: IPAddress
    /// IP protocol number.
    public let proto: UInt8
    public let sourcePort: UInt16
    public let destinationPort: UInt16

    public init(
        source: IPAddress, destination: IPAddress, proto: UInt8, sourcePort: UInt16 = 0, destinationPort: UInt16 = 0
    ) {
        self.source = source
        self.destination = destination
        self.proto = proto
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
    }
}

/// The IPS_ bits.
public struct FlowStatus: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    private init(_ bit: ip_conntrack_status) { rawValue = UInt32(bit.rawValue) }

    /// A packet came back.
    public static let seenReply = FlowStatus(IPS_SEEN_REPLY)
    /// Not to be dropped early when the table is full.
    public static let assured = FlowStatus(IPS_ASSURED)
    public static let confirmed = FlowStatus(IPS_CONFIRMED)
    public static let sourceTranslated = FlowStatus(IPS_SRC_NAT)
    public static let destinationTranslated = FlowStatus(IPS_DST_NAT)
    public static let dying = FlowStatus(IPS_DYING)
}

/// The kernel's view of a TCP connection.
public enum TCPState: UInt8, Sendable, Hashable, CaseIterable {
    case none, synSent, synReceived, established, finWait, closeWait, lastAck, timeWait, close, synSent2

    init?(_ kernel: UInt8) {
        guard UInt32(kernel) < TCP_CONNTRACK_MAX.rawValue else { return nil }
        self.init(rawValue: kernel)
    }
}
