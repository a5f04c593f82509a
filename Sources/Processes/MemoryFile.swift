import CLinux
import Glibc

/// A file in memory.
public final class MemoryFile: Sendable {
    public let descriptor: CInt

    public init(_ name: String) throws(ProcessError) {
        descriptor = apus_memory_file(name)
        guard descriptor >= 0 else { throw .last("make a file in memory") }
    }

    deinit { close(descriptor) }

    /// The next reader begins at its beginning.
    public func write(_ bytes: [UInt8]) throws(ProcessError) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { raw in
                pwrite(descriptor, raw.baseAddress?.advanced(by: offset), bytes.count - offset, off_t(offset))
            }
            guard count > 0 else { throw .last("write a file in memory") }
            offset += count
        }
    }

    public var size: Int {
        var found = stat()
        return fstat(descriptor, &found) == 0 ? Int(found.st_size) : 0
    }

    /// Its beginning, at most `limit` bytes.
    public func read(limit: Int) -> [UInt8] {
        let size = min(size, limit)
        guard size > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let read = pread(descriptor, buffer.baseAddress?.advanced(by: count), size - count, off_t(count))
                guard read > 0 else { return }
                count += read
            }
        }
    }
}
