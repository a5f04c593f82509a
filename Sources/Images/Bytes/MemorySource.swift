/// Bytes in memory.
final class MemorySource: ByteSource {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: some Collection<UInt8>) { rest = ArraySlice(bytes) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ImageError) -> Int {
        let part = rest.prefix(buffer.count)
        buffer.copyBytes(from: part)
        rest = rest.dropFirst(part.count)
        return part.count
    }
}

/// Puts bytes that were looked at back in front.
final class PrefixedSource: ByteSource {
    private let prefix: MemorySource
    private let rest: any ByteSource
    private var isPastPrefix = false

    init(_ prefix: [UInt8], _ rest: any ByteSource) {
        self.prefix = MemorySource(prefix)
        self.rest = rest
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ImageError) -> Int {
        if !isPastPrefix {
            let got = try prefix.read(into: buffer)
            if got > 0 { return got }
            isPastPrefix = true
        }
        return try rest.read(into: buffer)
    }
}
