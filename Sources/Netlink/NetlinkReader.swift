import CNftnl
import Glibc

/// One netlink message, checked to lie inside the bytes that were received. Valid only as long as those bytes.
public struct NetlinkMessage {
    public let type: UInt16
    public let flags: UInt16
    public let sequence: UInt32
    public let portID: UInt32
    /// What follows the header.
    public let payload: UnsafeRawBufferPointer

    public static let headerLength = 16

    /// The whole message with its header, as libnftnl's parsers want it.
    public let bytes: UnsafeRawBufferPointer

    /// Calls `body` for each message in `bytes`; stops at the first whose length is impossible, or when `body` is
    /// false.
    public static func forEach(in bytes: UnsafeRawBufferPointer, _ body: (NetlinkMessage) throws -> Bool) rethrows {
        var offset = 0
        while bytes.count - offset >= headerLength {
            let length = Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            guard length >= headerLength, length <= bytes.count - offset else { return }
            let message = NetlinkMessage(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]))
            guard try body(message) else { return }
            offset += (length + 3) & ~3
            guard offset <= bytes.count else { return }
        }
    }

    private init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        type = bytes.loadUnaligned(fromByteOffset: 4, as: UInt16.self)
        flags = bytes.loadUnaligned(fromByteOffset: 6, as: UInt16.self)
        sequence = bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
        portID = bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self)
        payload = UnsafeRawBufferPointer(rebasing: bytes[Self.headerLength...])
    }

    /// The attributes after a family header of `length` bytes.
    public func attributes(after length: Int) -> NetlinkAttributes {
        NetlinkAttributes(
            payload.count >= length ? UnsafeRawBufferPointer(rebasing: payload[length...]) : .init(start: nil, count: 0)
        )
    }

    /// The reply in an NLMSG_ERROR message; nil when it is too short.
    var reply: NetlinkReply? {
        guard payload.count >= 4 + Self.headerLength else { return nil }
        let code = payload.loadUnaligned(as: Int32.self)
        let sequence = payload.loadUnaligned(fromByteOffset: 4 + 8, as: UInt32.self)
        let extended = extendedAcknowledgement
        return NetlinkReply(
            sequence: sequence, code: code == Int32.min ? EPROTO : -code,
            detail: extended.first(UInt16(NLMSGERR_ATTR_MSG.rawValue))?.string,
            offset: extended.first(UInt16(NLMSGERR_ATTR_OFFS.rawValue))?.uint32.map { Int($0) })
    }

    /// Attributes after the echoed message, or after its header when the echo is capped.
    private var extendedAcknowledgement: NetlinkAttributes {
        guard Int32(flags) & NLM_F_ACK_TLVS != 0 else { return NetlinkAttributes(.init(start: nil, count: 0)) }
        var skip = 4 + Self.headerLength
        if Int32(flags) & NLM_F_CAPPED == 0 {
            skip = 4 + (Int(payload.loadUnaligned(fromByteOffset: 4, as: UInt32.self)) + 3) & ~3
        }
        return attributes(after: skip)
    }
}

/// A run of netlink attributes. Iterating stops at the first whose length is impossible.
public struct NetlinkAttributes: Sequence {
    private let bytes: UnsafeRawBufferPointer

    public init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    public func makeIterator() -> Iterator { Iterator(bytes: bytes) }

    public func first(_ type: UInt16) -> NetlinkAttribute? { first { $0.type == type } }

    public struct Iterator: IteratorProtocol {
        let bytes: UnsafeRawBufferPointer
        private var offset = 0

        init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

        public mutating func next() -> NetlinkAttribute? {
            guard bytes.count - offset >= 4 else { return nil }
            let length = Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
            let type = bytes.loadUnaligned(fromByteOffset: offset + 2, as: UInt16.self)
            guard length >= 4, length <= bytes.count - offset else { return nil }
            let value = UnsafeRawBufferPointer(rebasing: bytes[(offset + 4)..<(offset + length)])
            offset = Swift.min(bytes.count, offset + (length + 3) & ~3)
            return NetlinkAttribute(type: type & 0x3fff, value: value)
        }
    }
}

/// One attribute; its type is without the nested and byte-order flags.
public struct NetlinkAttribute {
    public let type: UInt16
    public let value: UnsafeRawBufferPointer

    public var nested: NetlinkAttributes { NetlinkAttributes(value) }

    public var uint8: UInt8? { value.first }
    /// In host order.
    public var uint16: UInt16? { value.count >= 2 ? value.loadUnaligned(as: UInt16.self) : nil }
    /// In host order.
    public var uint32: UInt32? { value.count >= 4 ? value.loadUnaligned(as: UInt32.self) : nil }
    /// In host order.
    public var uint64: UInt64? { value.count >= 8 ? value.loadUnaligned(as: UInt64.self) : nil }

    /// Text up to the first zero byte.
    public var string: String { String(decoding: value.prefix { $0 != 0 }, as: UTF8.self) }
}
