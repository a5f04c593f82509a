import Glibc

/// A stretch of an open file, or a file or pipe to its end. Owns the descriptor.
final class FileSource: ByteSource {
    private let descriptor: CInt
    private let name: String
    /// Nil reads from where the descriptor stands; set, only `left` bytes from there.
    private var offset: Int64?
    private var left: Int64

    init(adopting descriptor: CInt, name: String) {
        self.descriptor = descriptor
        self.name = name
        offset = nil
        left = .max
    }

    /// A stretch of a file that others read too.
    init(section descriptor: CInt, offset: Int64, length: Int64, name: String) throws(ImageError) {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw .last("read \(name)") }
        self.descriptor = copy
        self.name = name
        self.offset = offset
        left = length
    }

    convenience init(path: String) throws(ImageError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last("open \(path)") }
        self.init(adopting: descriptor, name: path)
    }

    deinit { close(descriptor) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ImageError) -> Int {
        let wanted = Int(min(Int64(buffer.count), left))
        if wanted == 0 { return 0 }
        while true {
            let got =
                offset.map { pread(descriptor, buffer.baseAddress, wanted, off_t($0)) }
                ?? Glibc.read(descriptor, buffer.baseAddress, wanted)
            if got >= 0 {
                advance(Int64(got))
                return got
            }
            if errno != EINTR { throw .last("read \(name)") }
        }
    }

    func skip(_ count: Int64) throws(ImageError) -> Int64 {
        guard offset != nil else { return try skipByReading(count) }
        let passed = min(count, left)
        advance(passed)
        return passed
    }

    private func advance(_ count: Int64) {
        guard let offset else { return }
        self.offset = offset + count
        left -= count
    }
}
