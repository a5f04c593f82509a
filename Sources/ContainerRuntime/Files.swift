import CLinux
import Glibc

/// Files that fit in memory at once, folders and mounts.
public enum Files {
    private static let limit = 4 << 20

    // MARK: - Reading

    /// Nil for one that cannot be read, or is longer than 4 MiB. Never waits for a writer.
    public static func bytes(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 8192)
        while bytes.count <= limit {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += chunk[..<count]
        }
        return nil
    }

    public static func read(_ path: String) -> String? { bytes(path).map { String(decoding: $0, as: UTF8.self) } }

    /// The first line, empty when there is none.
    public static func line(_ path: String) -> String {
        read(path)?.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    }

    /// The number after a word, in a file of lines such as `MemTotal: 1 kB`.
    public static func number(_ path: String, after word: String) -> Int64? {
        for line in (read(path) ?? "").split(separator: "\n") where line.hasPrefix(word) {
            return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int64($0) }
        }
        return nil
    }

    /// Of what is in a folder, sorted; empty when there is no such folder.
    public static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    // MARK: - Writing

    /// - Parameter mode: what it has afterwards, whatever the process' mask; nil leaves one that is there as it is, and lets
    ///   only its owner read a new one.
    public static func write(_ path: String, _ bytes: [UInt8], mode: mode_t? = nil) throws(RuntimeFailure) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode ?? 0o600)
        guard file >= 0 else { throw .last("write \(path)") }
        defer { close(file) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .last("write \(path)") }
            rest = rest.dropFirst(count)
        }
        if let mode, fchmod(file, mode) != 0 { throw .last("change the mode of \(path)") }
    }

    public static func write(_ path: String, _ text: String, mode: mode_t? = nil) throws(RuntimeFailure) {
        try write(path, Array(text.utf8), mode: mode)
    }

    /// All of it or nothing is there afterwards, whatever happens.
    static func replace(_ path: String, _ text: String) throws(RuntimeFailure) {
        try write(path + ".new", text)
        guard rename(path + ".new", path) == 0 else { throw .last("rename \(path).new") }
    }

    /// With those above it.
    public static func makeFolder(_ path: String, mode: mode_t = 0o755) throws(RuntimeFailure) {
        guard mkdir(path, mode) != 0, errno != EEXIST else { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw .last("make \(path)")
        }
        try makeFolder(String(path[..<slash]))
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw .last("make \(path)") }
    }

    /// Removes a tree without following links or entering other file systems. What is not there is no error.
    public static func removeTree(_ path: String) throws(RuntimeFailure) {
        guard apus_remove_tree(path) == 0 else { throw .last("remove \(path)") }
    }

    /// Takes off everything that is mounted there. What is no mount is no error.
    static func unmount(_ path: String) throws(RuntimeFailure) {
        while umount2(path, CInt(MNT_DETACH)) == 0 {}
        guard errno == EINVAL || errno == ENOENT else { throw .last("unmount \(path)") }
    }
}
