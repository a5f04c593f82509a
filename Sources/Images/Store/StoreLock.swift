import Glibc

/// An advisory lock on a file, between threads and processes; it goes with the process.
struct StoreLock: ~Copyable {
    private let descriptor: CInt

    enum Kind { case shared, exclusive }

    private init(adopting descriptor: CInt) { self.descriptor = descriptor }

    /// Waits for it.
    init(_ path: String, _ kind: Kind) throws(ImageError) {
        let descriptor = try Self.open(path)
        while flock(descriptor, kind == .shared ? LOCK_SH : LOCK_EX) != 0 {
            if errno == EINTR { continue }
            let failure = ImageError.last("lock \(path)")
            close(descriptor)
            throw failure
        }
        self.descriptor = descriptor
    }

    /// Nil when somebody else has it.
    static func exclusiveIfFree(_ path: String) throws(ImageError) -> StoreLock? {
        let descriptor = try open(path)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return StoreLock(adopting: descriptor)
    }

    deinit { close(descriptor) }

    private static func open(_ path: String) throws(ImageError) -> CInt {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .last("open \(path)") }
        return descriptor
    }
}
