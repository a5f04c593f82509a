/// A message that breaks the rules of its format.
public struct MalformedMessage: Error, Hashable, CustomStringConvertible {
    public let reason: String

    public var description: String { "malformed DNS message: \(reason)" }

    init(_ reason: String) { self.reason = reason }
}

/// Reads a message from its beginning; every length is checked before it is used.
struct MessageReader {
    let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8], at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    mutating func byte() throws(MalformedMessage) -> UInt8 {
        guard position < bytes.count else { throw MalformedMessage("ends too early") }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func number16() throws(MalformedMessage) -> UInt16 {
        UInt16(try byte()) << 8 | UInt16(try byte())
    }

    mutating func number32() throws(MalformedMessage) -> UInt32 {
        UInt32(try number16()) << 16 | UInt32(try number16())
    }

    mutating func bytes(_ count: Int) throws(MalformedMessage) -> ArraySlice<UInt8> {
        guard count <= bytes.count - position else { throw MalformedMessage("ends too early") }
        defer { position += count }
        return bytes[position..<(position + count)]
    }

    /// A name, perhaps compressed (RFC 1035 section 4.1.4). A pointer must lead before the part of the name that it
    /// ends: that bounds their number.
    mutating func name() throws(MalformedMessage) -> DomainName {
        var wire: [UInt8] = []
        wire.reserveCapacity(64)
        var next = position
        /// Where the part that is being read begins.
        var part = position
        /// Where reading goes on after the name; known at the first pointer.
        var end: Int?
        while true {
            guard next < bytes.count else { throw MalformedMessage("a name ends too early") }
            let length = Int(bytes[next])
            switch length >> 6 {
            case 0 where length == 0:
                wire.append(0)
                position = end ?? next + 1
                return DomainName(wire: wire)
            case 0:
                guard next + 1 + length <= bytes.count else { throw MalformedMessage("a label ends too early") }
                guard wire.count + length + 2 <= DomainName.longest else {
                    throw MalformedMessage("a name is longer than 255 bytes")
                }
                wire += bytes[next...(next + length)]
                next += 1 + length
            case 3:
                guard next + 1 < bytes.count else { throw MalformedMessage("a pointer ends too early") }
                let target = (length & 0x3f) << 8 | Int(bytes[next + 1])
                guard target >= Header.length, target < part else {
                    throw MalformedMessage("a name's pointer leads forward")
                }
                end = end ?? next + 2
                (next, part) = (target, target)
            default: throw MalformedMessage("an unknown kind of label")
            }
        }
    }
}
