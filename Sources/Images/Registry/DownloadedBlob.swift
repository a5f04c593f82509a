import Crypto
import Glibc
import NIOCore
import Synchronization
import Threads

/// A blob on its way from a registry to a file, hashed as it comes. The file and its directory go with the last owner.
final class DownloadedBlob: Sendable {
    let path: String
    let descriptor: Descriptor
    private let file: CInt
    private let state = Mutex(State())

    private struct State {
        var hash = SHA256()
        var bytes: Int64 = 0
    }

    private let directory: String

    /// Makes the file in a directory of its own; blocks.
    init(_ descriptor: Descriptor, directory: String) throws(ImageError) {
        self.directory = directory
        path = directory + "/blob"
        self.descriptor = descriptor
        file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .last("write \(path)") }
    }

    deinit {
        close(file)
        unlink(path)
        rmdir(directory)
    }

    var bytes: Int64 { state.withLock { $0.bytes } }

    /// Blocks. One caller at a time.
    func append(_ buffer: ByteBuffer) throws(ImageError) {
        let result: Result<Void, ImageError> = buffer.withUnsafeReadableBytes { raw in
            do throws(ImageError) {
                try FileWriting.writeAll(raw, to: file, name: path)
                state.withLock { state in
                    state.hash.update(bufferPointer: raw)
                    state.bytes += Int64(raw.count)
                }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Forgets what came so far.
    func restart() throws(ImageError) {
        guard ftruncate(file, 0) == 0, lseek(file, 0, SEEK_SET) == 0 else { throw .last("write \(path)") }
        state.withLock { $0 = State() }
    }

    func check(name: String) throws(ImageError) {
        let (digest, bytes) = state.withLock { (Digest($0.hash.finalize()), $0.bytes) }
        guard digest == descriptor.digest else {
            throw ImageError(
                .digestMismatch, "\(name): the registry sent \(bytes) bytes of \(digest) for \(descriptor.digest)")
        }
    }
}
