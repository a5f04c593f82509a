import NIOCore

/// Frames of SPDY/3.1 (draft-mbelshe-httpbis-spdy-00, section 2.2), as far as Kubernetes' clients send them.
///
///     data     0 | stream (31)            | flags (8) length (24) | bytes
///     control  1 | version (15) kind (16) | flags (8) length (24) | payload
enum SPDYFrame {
    case data(stream: UInt32, ByteBuffer, isLast: Bool)
    /// The header block is compressed.
    case open(stream: UInt32, headers: ByteBuffer, isLast: Bool)
    case reset(stream: UInt32)
    case ping(ByteBuffer)
    /// The header block must be read all the same: it changes the state of the compression.
    case headers(ByteBuffer)
    case other

    enum Kind {
        static let open: UInt16 = 1, reply: UInt16 = 2, reset: UInt16 = 3, ping: UInt16 = 6, headers: UInt16 = 8
    }

    private static let last: UInt8 = 1
    /// The longest frame that is taken.
    static let limit = 1 << 20

    struct Malformed: Error {}

    /// Takes a frame from the front; nil when it is not there whole.
    static func take(_ buffer: inout ByteBuffer) throws(Malformed) -> SPDYFrame? {
        guard let first = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self),
            let second = buffer.getInteger(at: buffer.readerIndex + 4, as: UInt32.self)
        else { return nil }
        let length = Int(second & 0xFF_FFFF)
        guard length <= limit else { throw Malformed() }
        guard buffer.readableBytes >= 8 + length else { return nil }
        buffer.moveReaderIndex(forwardBy: 8)
        guard var payload = buffer.readSlice(length: length) else { throw Malformed() }
        let isLast = UInt8(second >> 24) & last != 0
        guard first >> 31 == 1 else { return .data(stream: first, payload, isLast: isLast) }
        switch UInt16(first & 0xFFFF) {
        case Kind.open:
            guard let stream: UInt32 = payload.readInteger(), payload.readSlice(length: 6) != nil else {
                throw Malformed()
            }
            return .open(stream: stream & 0x7FFF_FFFF, headers: payload, isLast: isLast)
        case Kind.reset:
            guard let stream: UInt32 = payload.readInteger() else { throw Malformed() }
            return .reset(stream: stream & 0x7FFF_FFFF)
        case Kind.ping: return .ping(payload)
        case Kind.headers:
            guard payload.readSlice(length: 4) != nil else { throw Malformed() }
            return .headers(payload)
        default: return .other
        }
    }

    static func data(_ stream: UInt32, _ bytes: ByteBuffer?, isLast: Bool) -> ByteBuffer {
        var frame = ByteBuffer()
        frame.writeInteger(stream)
        frame.writeInteger(UInt32(isLast ? last : 0) << 24 | UInt32(bytes?.readableBytes ?? 0))
        if var bytes { frame.writeBuffer(&bytes) }
        return frame
    }

    static func control(_ kind: UInt16, _ payload: ByteBuffer) -> ByteBuffer {
        var frame = ByteBuffer()
        frame.writeInteger(UInt16(0x8003))
        frame.writeInteger(kind)
        frame.writeInteger(UInt32(payload.readableBytes))
        frame.writeImmutableBuffer(payload)
        return frame
    }

    /// Names and values of a header block after decompression; names are in lower case. Nil for a broken one.
    static func pairs(_ block: [UInt8]) -> [String: String]? {
        var buffer = ByteBuffer(bytes: block)
        guard let count: UInt32 = buffer.readInteger(), count <= 100 else { return nil }
        var pairs: [String: String] = [:]
        for _ in 0..<count {
            guard let nameLength: UInt32 = buffer.readInteger(), let name = buffer.readString(length: Int(nameLength)),
                let length: UInt32 = buffer.readInteger(), let value = buffer.readString(length: Int(length))
            else { return nil }
            pairs[name.lowercased()] = value
        }
        return pairs
    }
}
