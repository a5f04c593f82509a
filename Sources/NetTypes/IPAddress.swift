/// The two address families a Service can have.
public enum IPFamily: UInt8, Sendable, Hashable, CaseIterable, Comparable {
    case ipv4 = 4
    case ipv6 = 6

    public static func < (a: IPFamily, b: IPFamily) -> Bool { a.rawValue < b.rawValue }

    /// Address length in bits.
    public var bits: UInt8 { self == .ipv4 ? 32 : 128 }

    /// Address length in bytes.
    public var bytes: Int { self == .ipv4 ? 4 : 16 }
}

/// An IPv4 or IPv6 address in 16 bytes.
///
/// An IPv4 address is held as its IPv4-mapped form (`::ffff:a.b.c.d`, RFC 4291 section 2.5.5.2), so a mapped
/// address that arrives as text is the IPv4 address, as it is in Go's `net` package.
public struct IPAddress: Hashable, Sendable {
    /// The upper 64 bits, in host order.
    public let high: UInt64
    /// The lower 64 bits, in host order.
    public let low: UInt64

    @inlinable public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The IPv4 address whose bits, most significant first, are `v4`.
    @inlinable public init(v4: UInt32) {
        self.init(high: 0, low: 0xffff_0000_0000 | UInt64(v4))
    }

    /// The IPv4 address `a.b.c.d`.
    @inlinable public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        self.init(v4: UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d))
    }

    @inlinable public var family: IPFamily {
        high == 0 && low >> 32 == 0xffff ? .ipv4 : .ipv6
    }

    /// The 32 bits of an IPv4 address; meaningless for IPv6.
    @inlinable public var v4: UInt32 { UInt32(truncatingIfNeeded: low) }

    public static func unspecified(_ family: IPFamily) -> IPAddress {
        family == .ipv4 ? IPAddress(v4: 0) : IPAddress(high: 0, low: 0)
    }

    public var isUnspecified: Bool { self == .unspecified(family) }

    /// 127.0.0.0/8 or ::1.
    public var isLoopback: Bool { family == .ipv4 ? v4 >> 24 == 127 : high == 0 && low == 1 }

    /// 169.254.0.0/16 or fe80::/10.
    public var isLinkLocal: Bool { family == .ipv4 ? v4 >> 16 == 0xa9fe : high >> 54 == 0x3fa }

    /// 224.0.0.0/4 or ff00::/8.
    public var isMulticast: Bool { family == .ipv4 ? v4 >> 28 == 0xe : high >> 56 == 0xff }
}

extension IPAddress: Comparable {
    /// Numeric order; every IPv4 address sorts as its mapped form.
    @inlinable public static func < (a: IPAddress, b: IPAddress) -> Bool {
        a.high != b.high ? a.high < b.high : a.low < b.low
    }
}

// MARK: - Wire form

extension IPAddress {
    /// Network-order bytes: 4 for IPv4, 16 for IPv6.
    public var networkBytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            count = write(to: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    /// Writes the network-order bytes and returns their number. `out` must hold `family.bytes`.
    @discardableResult
    public func write(to out: UnsafeMutableRawBufferPointer) -> Int {
        guard family == .ipv6 else {
            out.storeBytes(of: v4.bigEndian, as: UInt32.self)
            return 4
        }
        out.storeBytes(of: high.bigEndian, as: UInt64.self)
        out.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        return 16
    }

    /// An address from 4 or 16 network-order bytes; nil for any other length.
    public init?(networkBytes bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: self.init(v4: bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16:
            self.init(
                high: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
                low: bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) })
        default: return nil
        }
    }
}
