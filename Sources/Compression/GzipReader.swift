import CZlib

/// Takes gzip text (RFC 1952; several members one after the other are one text) apart, piece by piece.
public struct GzipReader: ~Copyable {
    /// zlib keeps the address of its state.
    private let stream: UnsafeMutablePointer<z_stream>
    /// False in the middle of a member: a text that ends there is cut short.
    public private(set) var isAtMemberEnd = false

    public struct Step: Sendable, Equatable {
        /// Bytes of the input that are used up.
        public var consumed: Int
        /// Bytes of the output that are filled.
        public var produced: Int
    }

    /// The text is not gzip, or is damaged.
    public struct Damage: Error, Equatable {}

    /// nil without memory.
    public init?() {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard apus_gunzip_begin(stream) == Z_OK else {
            stream.deallocate()
            return nil
        }
        self.stream = stream
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Fills `output` from `input` as far as both reach. It makes progress while there is input and room.
    public mutating func read(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(Damage) -> Step {
        let offered = min(input.count, 1 << 30)
        let room = min(output.count, 1 << 30)
        guard offered > 0, room > 0 else { return Step(consumed: 0, produced: 0) }
        if isAtMemberEnd {
            guard inflateReset(stream) == Z_OK else { throw Damage() }
            isAtMemberEnd = false
        }
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(offered)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(room)
        defer {
            stream.pointee.next_in = nil
            stream.pointee.next_out = nil
        }
        let code = inflate(stream, Z_NO_FLUSH)
        guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else { throw Damage() }
        isAtMemberEnd = code == Z_STREAM_END
        return Step(
            consumed: offered - Int(stream.pointee.avail_in), produced: room - Int(stream.pointee.avail_out))
    }
}
