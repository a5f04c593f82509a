import CIPVS
import NetTypes

/// An address on which the kernel balances connections, and how.
public struct VirtualServer: Hashable, Sendable {
    /// What the kernel tells virtual servers apart by.
    public struct Key: Hashable, Sendable, Comparable {
        public let address: AddressPort
        public let proto: TransportProtocol

        public init(_ address: AddressPort, _ proto: TransportProtocol) {
            self.address = address
            self.proto = proto
        }

        public static func < (a: Key, b: Key) -> Bool {
            a.address != b.address ? a.address < b.address : a.proto < b.proto
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

extension VirtualServer.Key: CustomStringConvertible {
    /// As ipvsadm(8) takes it: `-t 10.96.0.1:443`.
    public var description: String {
        switch proto {
        case .tcp: "-t \(address)"
        case .udp: "-u \(address)"
        case .sctp: "--sctp-service \(address)"
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
