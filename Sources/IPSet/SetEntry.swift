import NetTypes

/// One member of a set.
public struct SetEntry: Sendable, Hashable {
    /// What a packet is compared with. Each case fits one `SetKind`.
    public enum Key: Sendable, Hashable {
        case ip(IPAddress)
        /// The kernel stores no prefix of length 0: use its two halves.
        case net(CIDR)
        case ipPort(IPAddress, TransportProtocol, UInt16)
        case netPort(CIDR, TransportProtocol, UInt16)
        case ipPortIP(IPAddress, TransportProtocol, UInt16, IPAddress)
        case ipPortNet(IPAddress, TransportProtocol, UInt16, CIDR)
        case port(UInt16)

        public var kind: SetKind {
            switch self {
            case .ip: .hashIP
            case .net: .hashNet
            case .ipPort: .hashIPPort
            case .netPort: .hashNetPort
            case .ipPortIP: .hashIPPortIP
            case .ipPortNet: .hashIPPortNet
            case .port: .bitmapPort
            }
        }
    }

    public let key: Key
    /// Seconds left, in sets with timeouts.
    public let timeout: UInt32?
    /// At most 255 bytes, in sets with comments.
    public let comment: String?
    /// What `-j SET --map-mark` makes the whole mark of a packet, in sets with marks.
    public let mark: UInt32?

    public init(_ key: Key, timeout: UInt32? = nil, comment: String? = nil, mark: UInt32? = nil) {
        self.key = key
        self.timeout = timeout
        self.comment = comment
        self.mark = mark
    }
}

extension SetEntry.Key: CustomStringConvertible {
    /// As ipset(8) lists it.
    public var description: String {
        switch self {
        case .ip(let ip): "\(ip)"
        case .net(let net): net.text
        case .ipPort(let ip, let proto, let port): "\(ip),\(proto):\(port)"
        case .netPort(let net, let proto, let port): "\(net.text),\(proto):\(port)"
        case .ipPortIP(let ip, let proto, let port, let other): "\(ip),\(proto):\(port),\(other)"
        case .ipPortNet(let ip, let proto, let port, let net): "\(ip),\(proto):\(port),\(net.text)"
        case .port(let port): "\(port)"
        }
    }
}

extension SetEntry: CustomStringConvertible {
    public var description: String {
        "\(key)" + (timeout.map { " timeout \($0)" } ?? "") + (comment.map { " comment \"\($0)\"" } ?? "")
            + (mark.map { " skbmark 0x\(String($0, radix: 16))" } ?? "")
    }
}

extension CIDR {
    /// ipset omits the length of a host's prefix.
    fileprivate var text: String { prefixLength == family.bits ? "\(address)" : "\(self)" }
}
