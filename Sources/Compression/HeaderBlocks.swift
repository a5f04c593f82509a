import CZlib

/// One direction of a zlib stream (RFC 1950) with a dictionary both sides know, taken piece by piece: header blocks of SPDY.
public struct HeaderInflater: ~Copyable {
    /// zlib keeps the address of its state.
    private let stream: UnsafeMutablePointer<z_stream>
    private let dictionary: [UInt8]

    /// Nil without memory.
    public init?(dictionary: [UInt8]) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard apus_inflate_begin(stream) == Z_OK else {
            stream.deallocate()
            return nil
        }
        self.stream = stream
        self.dictionary = dictionary
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// What a piece means; nil when it is broken, or means more than `limit` bytes.
    public mutating func inflate(_ piece: [UInt8], limit: Int) -> [UInt8]? {
        var output = [UInt8](repeating: 0, count: limit)
        return piece.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { buffer -> [UInt8]? in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = UInt32(clamping: input.count)
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(clamping: buffer.count)
                var code = CZlib.inflate(stream, Z_SYNC_FLUSH)
                if code == Z_NEED_DICT {
                    code = inflateSetDictionary(stream, dictionary, UInt32(clamping: dictionary.count))
                    if code == Z_OK { code = CZlib.inflate(stream, Z_SYNC_FLUSH) }
                }
                guard code == Z_OK || code == Z_BUF_ERROR, stream.pointee.avail_in == 0 else { return nil }
                return Array(buffer[..<(buffer.count - Int(stream.pointee.avail_out))])
            }
        }
    }
}

/// The other direction.
public struct HeaderDeflater: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>

    /// Nil without memory.
    public init?(dictionary: [UInt8]) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard apus_deflate_begin(stream) == Z_OK else {
            stream.deallocate()
            return nil
        }
        deflateSetDictionary(stream, dictionary, UInt32(clamping: dictionary.count))
        self.stream = stream
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// A piece that the other side can read at once.
    public mutating func deflate(_ piece: [UInt8]) -> [UInt8] {
        // What cannot be made smaller grows by a few bytes per block.
        var output = [UInt8](repeating: 0, count: piece.count + piece.count / 8 + 256)
        return piece.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { buffer in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = UInt32(clamping: input.count)
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(clamping: buffer.count)
                CZlib.deflate(stream, Z_SYNC_FLUSH)
                return Array(buffer[..<(buffer.count - Int(stream.pointee.avail_out))])
            }
        }
    }
}
