/// The transport protocols a Service port can have; raw values are the IP protocol numbers.
public enum TransportProtocol: UInt8, Sendable, Hashable, CaseIterable, Comparable, CustomStringConvertible {
    case tcp = 6
    case udp = 17
    case sctp = 132

    public static func < (a: TransportProtocol, b: TransportProtocol) -> Bool { a.rawValue < b.rawValue }

    /// Lower case, as nft and ip write it.
    public var description: String {
        switch self {
        case .tcp: "tcp"
        case .udp: "udp"
        case .sctp: "sctp"
        }
    }

    /// Parses `tcp`, `TCP`, ...
    public init?(_ text: some StringProtocol) {
        switch text.lowercased() {
        case "tcp": self = .tcp
        case "udp": self = .udp
        case "sctp": self = .sctp
        default: return nil
        }
    }
}

/// An address and a port, as Go's `netip.AddrPort`.
public struct AddressPort: Hashable, Sendable, Comparable, LosslessStringConvertible {
    public let address: IPAddress
    public let port: UInt16

    @inlinable public init(_ address: IPAddress, _ port: UInt16) {
        self.address = address
        self.port = port
    }

    @inlinable public static func < (a: AddressPort, b: AddressPort) -> Bool {
        a.address != b.address ? a.address < b.address : a.port < b.port
    }

    /// `10.0.0.1:80` or `[fd00::1]:80`.
    public var description: String {
        address.family == .ipv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }

    public init?(_ description: String) {
        guard let colon = description.lastIndex(of: ":"),
            description[colon...].dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(description[colon...].dropFirst())
        else { return nil }
        var host = description[..<colon]
        let bracketed = host.first == "[" && host.last == "]"
        if bracketed { host = host.dropFirst().dropLast() }
        guard let address = IPAddress(host), bracketed == (address.family == .ipv6) else { return nil }
        self.init(address, port)
    }
}
