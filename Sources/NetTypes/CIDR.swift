/// An address prefix. The host bits are zero, whatever text it came from.
public struct CIDR: Hashable, Sendable {
    public let address: IPAddress
    public let prefixLength: UInt8

    /// Masks `address`; nil if the prefix is longer than the family's address.
    public init?(_ address: IPAddress, prefixLength: UInt8) {
        guard prefixLength <= address.family.bits else { return nil }
        self.address = address.masked(prefixLength)
        self.prefixLength = prefixLength
    }

    /// The one-address prefix of `address`.
    public init(host address: IPAddress) {
        self.address = address
        self.prefixLength = address.family.bits
    }

    public var family: IPFamily { address.family }

    public func contains(_ other: IPAddress) -> Bool {
        other.family == family && other.masked(prefixLength) == address
    }

    public func contains(_ other: CIDR) -> Bool {
        other.prefixLength >= prefixLength && contains(other.address)
    }

    /// 0.0.0.0/0 or ::/0.
    public var isEverything: Bool { prefixLength == 0 }

    /// The network mask as an address of the same family.
    public var mask: IPAddress {
        let ones =
            family == .ipv4 ? IPAddress(v4: .max) : IPAddress(high: .max, low: .max)
        return ones.masked(prefixLength)
    }

    /// The last address of the prefix.
    public var last: IPAddress {
        IPAddress(
            high: address.high | (family == .ipv4 ? 0 : ~mask.high),
            low: address.low | (family == .ipv4 ? UInt64(~mask.v4) : ~mask.low))
    }
}

extension IPAddress {
    /// The address with all but the first `length` bits of its family's address cleared.
    func masked(_ length: UInt8) -> IPAddress {
        if family == .ipv4 {
            return IPAddress(v4: length == 0 ? 0 : v4 & (UInt32.max << (32 - UInt32(length))))
        }
        func keep(_ bits: UInt8) -> UInt64 { bits == 0 ? 0 : UInt64.max << (64 - UInt64(bits)) }
        return IPAddress(high: high & keep(min(length, 64)), low: low & keep(length > 64 ? length - 64 : 0))
    }
}

extension CIDR: LosslessStringConvertible, Comparable {
    /// Parses `address/length`; host bits are cleared, as Kubernetes does.
    public init?(_ description: String) {
        let parts = description.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(parts[0]), parts[1].count <= 3,
            parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = UInt8(parts[1])
        else { return nil }
        self.init(address, prefixLength: length)
    }

    public var description: String { "\(address)/\(prefixLength)" }

    public static func < (a: CIDR, b: CIDR) -> Bool {
        a.address != b.address ? a.address < b.address : a.prefixLength < b.prefixLength
    }
}
