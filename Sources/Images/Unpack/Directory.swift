import CLinux
import Glibc

/// An open directory. Everything goes through its descriptor and follows no symbolic link.
final class Directory: Sendable {
    let descriptor: CInt

    init(adopting descriptor: CInt) { self.descriptor = descriptor }

    convenience init(path: String) throws(ImageError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last("open \(path)") }
        self.init(adopting: descriptor)
    }

    deinit { close(descriptor) }

    enum Kind: Equatable {
        case directory
        case symbolicLink
        case file
        /// Overlayfs' character device 0:0: what the layers below have here is gone.
        case whiteout
        case other
    }

    struct Status {
        var kind: Kind
        var mode: UInt32
        var user: UInt32
        var group: UInt32
        var size: Int64
        var modified: TarTime
    }

    /// Nil when there is nothing of that name.
    func status(_ name: FileName) throws(ImageError) -> Status? {
        var found = stat()
        if fstatat(descriptor, name.cString, &found, AT_SYMLINK_NOFOLLOW) == 0 { return Status(found) }
        if errno == ENOENT { return nil }
        throw .last("look at \(name.text)")
    }

    func status() throws(ImageError) -> Status {
        var found = stat()
        guard fstat(descriptor, &found) == 0 else { throw .last("look at a directory") }
        return Status(found)
    }

    /// Nil when the name is not that of a directory.
    func directory(_ name: FileName) throws(ImageError) -> Directory? {
        let opened = openat(descriptor, name.cString, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if opened >= 0 { return Directory(adopting: opened) }
        if [ENOENT, ENOTDIR, ELOOP].contains(errno) { return nil }
        throw .last("open \(name.text)")
    }

    func makeDirectory(_ name: FileName, mode: UInt32) throws(ImageError) -> Directory {
        guard mkdirat(descriptor, name.cString, mode) == 0 else { throw .last("create \(name.text)") }
        guard let made = try directory(name) else { throw ImageError(.malformed, "\(name.text) is no directory") }
        return made
    }

    func linkTarget(_ name: FileName) throws(ImageError) -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: 4097)
        let count = readlinkat(descriptor, name.cString, &buffer, buffer.count)
        guard count >= 0 else { throw .last("read the link \(name.text)") }
        return buffer.prefix(count).map { UInt8(bitPattern: $0) }
    }

    // MARK: Overlayfs' marks

    private static let opaque = "trusted.overlay.opaque"

    /// The layers below add nothing to this directory.
    var isOpaque: Bool {
        var value: UInt8 = 0
        return fgetxattr(descriptor, Self.opaque, &value, 1) == 1 && value == UInt8(ascii: "y")
    }

    func makeOpaque() throws(ImageError) {
        guard fsetxattr(descriptor, Self.opaque, "y", 1, 0) == 0 else { throw .last("mark a directory opaque") }
    }

    func makeWhiteout(_ name: FileName) throws(ImageError) {
        guard mknodat(descriptor, name.cString, S_IFCHR, apus_device(0, 0)) == 0 else {
            throw .last("mark \(name.text) as deleted")
        }
    }

    // MARK: Removing

    /// Removes what has that name, with everything in it. Nothing of that name is no error.
    func remove(_ name: FileName) throws(ImageError) {
        if unlinkat(descriptor, name.cString, 0) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else { throw .last("remove \(name.text)") }
        // A stack of open directories: no deeper than layers may be.
        var stack: [(name: FileName, directory: Directory, entries: [FileName])] = []
        func push(_ child: FileName, in parent: Directory) throws(ImageError) {
            guard let directory = try parent.directory(child) else {
                throw ImageError(.system(EPERM), "cannot remove \(child.text)")
            }
            stack.append((child, directory, try directory.entries()))
        }
        try push(name, in: self)
        while let top = stack.last {
            guard let entry = top.entries.last else {
                stack.removeLast()
                let parent = stack.last?.directory ?? self
                guard unlinkat(parent.descriptor, top.name.cString, AT_REMOVEDIR) == 0 || errno == ENOENT else {
                    throw .last("remove \(top.name.text)")
                }
                continue
            }
            stack[stack.count - 1].entries.removeLast()
            if unlinkat(top.directory.descriptor, entry.cString, 0) == 0 || errno == ENOENT { continue }
            guard errno == EISDIR || errno == EPERM, stack.count < 4096 else { throw .last("remove \(entry.text)") }
            try push(entry, in: top.directory)
        }
    }

    /// The names in it, in no order.
    func entries() throws(ImageError) -> [FileName] {
        // The stream owns its descriptor and moves its place.
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw .last("list a directory") }
        guard let stream = fdopendir(copy) else {
            close(copy)
            throw .last("list a directory")
        }
        defer { closedir(stream) }
        var names: [FileName] = []
        while let entry = readdir(stream) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if let name = FileName(bytes) { names.append(name) }
        }
        return names
    }
}

extension Directory.Status {
    fileprivate init(_ found: stat) {
        switch found.st_mode & S_IFMT {
        case S_IFDIR: kind = .directory
        case S_IFLNK: kind = .symbolicLink
        case S_IFREG: kind = .file
        case S_IFCHR: kind = found.st_rdev == 0 ? .whiteout : .other
        default: kind = .other
        }
        mode = found.st_mode & 0o7777
        user = found.st_uid
        group = found.st_gid
        size = Int64(found.st_size)
        modified = TarTime(seconds: Int64(found.st_mtim.tv_sec), nanoseconds: Int64(found.st_mtim.tv_nsec))
    }
}
