import CZlib

/// Makes one gzip text (RFC 1952) of what it is given piece by piece.
public struct GzipWriter: ~Copyable {
    /// zlib keeps the address of its state.
    private let stream: UnsafeMutablePointer<z_stream>
    private static let pieceBytes = 64 << 10

    /// - Parameter level: 1 for speed to 9 for size.
    /// - Returns: nil without memory, or for another level.
    public init?(level: Int32) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard (1...9).contains(level), apus_gzip_begin(stream, level) == Z_OK else {
            stream.deallocate()
            return nil
        }
        self.stream = stream
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// What the text has grown by, which may be nothing. After the last piece nothing more may be added.
    public mutating func add(_ bytes: [UInt8], isLast: Bool = false) -> [UInt8] {
        var output: [UInt8] = []
        // avail_in has 32 bits.
        var rest = bytes[...]
        repeat {
            let piece = rest.prefix(1 << 30)
            rest = rest.dropFirst(piece.count)
            deflate(piece, isLast: isLast && rest.isEmpty, to: &output)
        } while !rest.isEmpty
        return output
    }

    private func deflate(_ piece: ArraySlice<UInt8>, isLast: Bool, to output: inout [UInt8]) {
        piece.withUnsafeBufferPointer { input in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.pointee.avail_in = UInt32(input.count)
            defer { stream.pointee.next_in = nil }
            var isFull = true
            while isFull {
                let chunk = [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { buffer, count in
                    stream.pointee.next_out = buffer.baseAddress
                    stream.pointee.avail_out = UInt32(Self.pieceBytes)
                    CZlib.deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                    count = Self.pieceBytes - Int(stream.pointee.avail_out)
                }
                stream.pointee.next_out = nil
                // Room that is left says that everything has been taken.
                isFull = chunk.count == Self.pieceBytes
                output += chunk
            }
        }
    }
}
