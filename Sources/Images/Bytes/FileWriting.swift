import CLinux
import Glibc

/// Files that survive a crash: written beside, synced, renamed into place.
enum FileWriting {
    static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt, name: String) throws(ImageError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = write(descriptor, rest.baseAddress, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw .last("write \(name)")
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    static func writeAll(_ bytes: [UInt8], to descriptor: CInt, name: String) throws(ImageError) {
        let written: Result<Void, ImageError> = bytes.withUnsafeBytes { raw in
            do throws(ImageError) { return .success(try writeAll(raw, to: descriptor, name: name)) } catch {
                return .failure(error)
            }
        }
        try written.get()
    }

    /// Replaces the file in one step. The temporary file is `path` with `-new`: one writer at a time.
    static func replace(_ path: String, _ bytes: [UInt8]) throws(ImageError) {
        let temporary = path + "-new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .last("write \(temporary)") }
        defer { close(file) }
        try writeAll(bytes, to: file, name: temporary)
        guard fsync(file) == 0 else { throw .last("write \(temporary)") }
        guard rename(temporary, path) == 0 else { throw .last("write \(path)") }
        try syncDirectory(of: path)
    }

    /// Makes a rename in it last.
    static func syncDirectory(of path: String) throws(ImageError) {
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let directory = try Directory(path: parent.isEmpty ? "/" : parent)
        guard fsync(directory.descriptor) == 0 else { throw .last("write \(parent)") }
    }

    /// Makes a directory and those above it.
    static func makeDirectories(_ path: String) throws(ImageError) {
        var prefix = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            prefix += "/\(part)"
            if mkdir(prefix, 0o755) != 0, errno != EEXIST { throw .last("create \(prefix)") }
        }
    }
}
