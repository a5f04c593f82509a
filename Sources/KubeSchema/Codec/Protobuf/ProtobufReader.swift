/// Reads the wire format of protobuf from bytes that live as long as the reader. Every length is checked before a read.
struct ProtobufReader {
    enum Refusal: String, Error {
        case truncated = "unexpected EOF"
        case varint = "proto: integer overflow"
        case length = "proto: negative length found during unmarshaling"
        case wireType = "proto: illegal wireType"
        case depth = "proto: nested too deep"
        case group = "proto: unexpected end of group"
        case tag = "proto: illegal tag 0"
    }

    private var next: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>

    /// An empty buffer may have no address.
    private static var nothing: UnsafePointer<UInt8> { ("" as StaticString).utf8Start }

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        next = bytes.baseAddress ?? Self.nothing
        end = next + bytes.count
    }

    var isAtEnd: Bool { next == end }

    mutating func varint() throws(Refusal) -> UInt64 {
        var (value, shift) = (UInt64(0), UInt64(0))
        while next < end {
            let byte = next.pointee
            next += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
            guard shift < 64 else { throw .varint }
        }
        throw .truncated
    }

    mutating func tag() throws(Refusal) -> (number: Int, wireType: Int) {
        let tag = try varint()
        guard tag >> 3 > 0, tag >> 3 <= 0x1FFF_FFFF else { throw .tag }
        return (Int(tag >> 3), Int(tag & 7))
    }

    /// The content of a field of wire type 2.
    mutating func bytes() throws(Refusal) -> UnsafeBufferPointer<UInt8> {
        let length = try varint()
        guard length <= UInt64(Int.max) else { throw .length }
        guard Int(length) <= end - next else { throw .truncated }
        defer { next += Int(length) }
        return UnsafeBufferPointer(start: next, count: Int(length))
    }

    mutating func fixed(_ size: Int) throws(Refusal) -> UInt64 {
        guard size <= end - next else { throw .truncated }
        var value: UInt64 = 0
        for offset in 0..<size { value |= UInt64(next[offset]) << UInt64(offset * 8) }
        next += size
        return value
    }

    mutating func skip(_ wireType: Int, depth: Int = 0) throws(Refusal) {
        switch wireType {
        case 0: _ = try varint()
        case 1: _ = try fixed(8)
        case 2: _ = try bytes()
        case 5: _ = try fixed(4)
        case 3: try skipGroup(depth: depth)
        default: throw .wireType
        }
    }

    private mutating func skipGroup(depth: Int) throws(Refusal) {
        guard depth < 100 else { throw .depth }
        while true {
            let (_, wireType) = try tag()
            if wireType == 4 { return }
            try skip(wireType, depth: depth + 1)
        }
    }

    /// Leaves the reader where it is when another field follows.
    mutating func takesTag(_ number: Int, _ wireType: Int) -> Bool {
        var ahead = self
        guard let tag = try? ahead.tag(), tag == (number, wireType) else { return false }
        self = ahead
        return true
    }
}
