import Glibc

/// A file read whole, and what tells it from other contents under the same name.
struct FileContents {
    struct Signature: Hashable {
        let device: UInt
        let inode: UInt
        let size: Int
        let modified: [Int]
    }

    struct Failure: Error, CustomStringConvertible {
        let code: Int32
        let description: String

        var isMissing: Bool { code == ENOENT || code == ENOTDIR }

        /// `open: No such file or directory`
        init(_ operation: String, _ code: Int32 = errno) {
            self.code = code
            description = "\(operation): \(String(cString: strerror(code)))"
        }
    }

    static let sizeLimit = 256 << 20

    let bytes: [UInt8]
    let signature: Signature

    /// Follows symbolic links; does not wait on pipes and the like, which are refused.
    init(path: String) throws(Failure) {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw Failure("open") }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw Failure("stat") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Failure("not a regular file", EINVAL) }
        guard status.st_size <= Self.sizeLimit else { throw Failure("more than \(Self.sizeLimit >> 20) MiB", EFBIG) }
        signature = Signature(status)
        bytes = try Self.read(file, sizeHint: status.st_size)
    }

    /// The signature that reading would give; nil when there is nothing to read.
    static func signature(path: String) -> Signature? {
        var status = stat()
        return stat(path, &status) == 0 ? Signature(status) : nil
    }

    /// True for what appears whole in one step: a symbolic or a second hard link.
    static func isLink(path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && (status.st_mode & S_IFMT == S_IFLNK || status.st_nlink > 1)
    }

    private static func read(_ file: Int32, sizeHint: Int) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var capacity = sizeHint + 1
        while true {
            var code: Int32 = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                let result = Glibc.read(file, buffer.baseAddress, buffer.count)
                if result < 0 { code = errno }
                count = max(0, result)
            }
            if code == EINTR { continue }
            guard code == 0 else { throw Failure("read", code) }
            guard !chunk.isEmpty else { return bytes }
            if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
            guard bytes.count <= sizeLimit else { throw Failure("more than \(sizeLimit >> 20) MiB", EFBIG) }
            capacity = 1 << 16
        }
    }
}

extension FileContents.Signature {
    fileprivate init(_ status: stat) {
        device = UInt(status.st_dev)
        inode = UInt(status.st_ino)
        size = status.st_size
        modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
    }
}
