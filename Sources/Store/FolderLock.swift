import Glibc
import StoreCore

/// One process owns a folder; the lock goes with the process, however it ends.
final class FolderLock: Sendable {
    private let descriptor: CInt

    /// Makes the folder if it is not there.
    init(_ folder: String) throws(StoreError) {
        if mkdir(folder, 0o700) != 0, errno != EEXIST {
            throw .unavailable("cannot make the folder \(folder): \(String(cString: strerror(errno)))")
        }
        let path = folder + "/lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .unavailable("cannot open \(path): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let owner = Self.text(descriptor)
            close(descriptor)
            throw .unavailable(
                "another process\(owner.isEmpty ? "" : " (\(owner))") uses the store in \(folder): end it first, "
                    + "or choose another folder")
        }
        let text = Array("process \(getpid())".utf8)
        ftruncate(descriptor, 0)
        pwrite(descriptor, text, text.count, 0)
    }

    deinit { close(descriptor) }

    /// Lets others have the folder; the descriptor stays open until the value goes.
    func release() { flock(descriptor, LOCK_UN) }

    private static func text(_ descriptor: CInt) -> String {
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}
