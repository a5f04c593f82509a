import Crypto

/// Hashes and counts what passes.
final class HashingSource: ByteSource {
    private let source: any ByteSource
    private var hash = SHA256()
    private(set) var count: Int64 = 0

    init(_ source: any ByteSource) { self.source = source }

    /// Of what was read so far.
    var digest: Digest { Digest(hash.finalize()) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ImageError) -> Int {
        let got = try source.read(into: buffer)
        hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<got]))
        count += Int64(got)
        return got
    }
}
