import CIPVS
import NetTypes

/// An address, or a mark, whose connections the kernel balances, and how.
public struct VirtualServer: Hashable, Sendable {
    /// What the kernel tells virtual servers apart by.
    public enum Key: Hashable, Sendable {
        case address(AddressPort, TransportProtocol)
        /// Packets of any address, port and protocol whose whole mark is this one; looked for first.
        case mark(UInt32, IPFamily)

        public init(_ address: AddressPort, _ proto: TransportProtocol) { self = .address(address, proto) }

        public var family: IPFamily {
            switch self {
            case .address(let address, _): address.address.family
            case .mark(_, let family): family
            }
        }
    }

    /// Options of the hashing schedulers.
    public struct Flags: OptionSet, Hashable, Sendable {
        public let rawValue: UInt32
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// A destination of weight 0 is passed over for the next one (`sh-fallback`, `mh-fallback`).
        public static let fallback = Flags(rawValue: UInt32(IP_VS_SVC_F_SCHED1))
        /// The client's port is hashed too (`sh-port`, `mh-port`).
        public static let hashesPort = Flags(rawValue: UInt32(IP_VS_SVC_F_SCHED2))
        static let persistent = Flags(rawValue: UInt32(IP_VS_SVC_F_PERSISTENT))
        /// What people choose; the kernel keeps flags of its own beside them.
        static let chosen: Flags = [
            .fallback, .hashesPort, .persistent, Flags(rawValue: UInt32(IP_VS_SVC_F_SCHED3)),
            Flags(rawValue: UInt32(IP_VS_SVC_F_ONEPACKET)),
        ]
    }

    public let key: Key
    /// At most 15 bytes, for example `rr`.
    public let scheduler: String
    public let flags: Flags
    /// Seconds for which a client keeps its destination; nil when it does not.
    public let persistence: UInt32?

    public init(_ key: Key, scheduler: String, flags: Flags = [], persistence: UInt32? = nil) {
        self.key = key
        self.scheduler = scheduler
        self.flags = flags
        self.persistence = persistence
    }
}

/// Where connections go; reached by translation of the address (ipvsadm's masquerading).
public struct Destination: Hashable, Sendable {
    public let target: AddressPort
    /// 0 takes no new connections.
    public let weight: UInt32

    public init(_ target: AddressPort, weight: UInt32 = 1) {
        self.target = target
        self.weight = weight
    }
}

/// A destination as the kernel lists it.
public struct ObservedDestination: Hashable, Sendable {
    public let destination: Destination
    public let activeConnections: UInt32
    public let inactiveConnections: UInt32
    public var isIdle: Bool { activeConnections == 0 && inactiveConnections == 0 }
}

extension VirtualServer.Key: Comparable {
    /// Addresses before marks.
    public static func < (a: Self, b: Self) -> Bool {
        switch (a, b) {
        case (.address(let a, let aProto), .address(let b, let bProto)): a != b ? a < b : aProto < bProto
        case (.mark(let a, let aFamily), .mark(let b, let bFamily)): a != b ? a < b : aFamily < bFamily
        case (.address, .mark): true
        case (.mark, .address): false
        }
    }
}

extension VirtualServer.Key: CustomStringConvertible {
    /// As ipvsadm(8) takes it: `-t 10.96.0.1:443`.
    public var description: String {
        switch self {
        case .address(let address, .tcp): "-t \(address)"
        case .address(let address, .udp): "-u \(address)"
        case .address(let address, .sctp): "--sctp-service \(address)"
        case .mark(let mark, .ipv4): "-f \(mark)"
        case .mark(let mark, .ipv6): "-f \(mark) -6"
        }
    }
}

extension VirtualServer: CustomStringConvertible {
    public var description: String {
        var words = ["\(key) -s \(scheduler)"]
        if let persistence { words.append("-p \(persistence)") }
        let name = scheduler == "mh" || scheduler == "sh" ? scheduler : "flag"
        let options = [(Flags.fallback, "\(name)-fallback"), (.hashesPort, "\(name)-port")]
        let chosen = options.filter { flags.contains($0.0) }.map(\.1)
        if !chosen.isEmpty { words.append("-b \(chosen.joined(separator: ","))") }
        return words.joined(separator: " ")
    }
}
