import Glibc

/// Files that fit in a page or two.
enum SmallFile {
    /// At most 64 KiB; nil if it cannot be read.
    static func read(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = Glibc.read(file, &buffer, buffer.count)
        return count < 0 ? nil : Array(buffer.prefix(count))
    }

    /// Replaces the file in one step.
    static func write(_ path: String, _ text: String) throws(LabError) {
        let temporary = path + "-new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .last("write \(temporary)") }
        let bytes = Array(text.utf8)
        let isWritten = Glibc.write(file, bytes, bytes.count) == bytes.count
        close(file)
        guard isWritten, rename(temporary, path) == 0 else { throw .last("write \(path)") }
    }

    /// Makes a directory and those above it.
    static func makeDirectory(_ path: String) throws(LabError) {
        var prefix = ""
        for part in path.split(separator: "/") {
            prefix += "/\(part)"
            if mkdir(prefix, 0o755) != 0, errno != EEXIST { throw .last("create \(prefix)") }
        }
    }
}
