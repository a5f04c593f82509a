import Glibc

/// Small files written whole: a reader sees the old content or the new, also after a crash.
enum SecretFile {
    /// Keys.
    static let ownerOnly: mode_t = 0o600
    /// Certificates.
    static let readable: mode_t = 0o644

    static func write(_ text: String, to path: String, mode: mode_t) throws {
        let temporary = path + ".new"
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { throw failure("create", temporary) }
        var isDone = false
        defer {
            close(file)
            if !isDone { unlink(temporary) }
        }
        // Whatever the umask is.
        guard fchmod(file, mode) == 0 else { throw failure("set the mode of", temporary) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure("write", temporary) }
            rest = rest.dropFirst(count)
        }
        guard fsync(file) == 0 else { throw failure("write", temporary) }
        guard rename(temporary, path) == 0 else { throw failure("replace", path) }
        isDone = true
    }

    /// nil when there is no such file.
    static func read(_ path: String) throws -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("open", path)
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while bytes.count <= largest {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", path) }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
        throw PKIError("\(path) is larger than \(largest >> 20) MiB; it should hold a key or certificates")
    }

    private static let largest = 1 << 20

    static func makeFolder(_ path: String) throws {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw failure("make the folder", path) }
    }

    private static func failure(_ verb: String, _ path: String) -> PKIError {
        PKIError("cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}
