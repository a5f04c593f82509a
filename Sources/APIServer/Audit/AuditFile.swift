import Glibc
import KubeAPI

/// The file that audit events go to: when it is full it is put aside with the time in its name, and the oldest of these
/// are removed.
public struct AuditFile: Sendable {
    public struct FileError: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// `-` is standard output.
    private let path: String
    private let mostBytes: Int
    private let mostBackups: Int
    /// Seconds since 1970.
    private let now: @Sendable () -> Int64
    private var descriptor: CInt = -1
    private var size = 0
    /// Of the files that were put aside: several may be within a second.
    private var backups = 0

    /// - Parameters:
    ///   - megabytes: `--audit-log-maxsize`.
    ///   - backups: `--audit-log-maxbackup`.
    public init(path: String, megabytes: Int = 100, backups: Int = 10, now: @escaping @Sendable () -> Int64) {
        self.init(path: path, mostBytes: max(1, min(megabytes, 1 << 20)) << 20, backups: backups, now: now)
    }

    init(path: String, mostBytes: Int, backups: Int, now: @escaping @Sendable () -> Int64) {
        self.path = path
        self.mostBytes = mostBytes
        mostBackups = max(0, backups)
        self.now = now
    }

    /// On one thread only.
    mutating func write(_ line: [UInt8]) throws {
        if descriptor < 0 { try open() }
        if path != "-", size > 0, size + line.count > mostBytes { try rotate() }
        var rest = line[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure("write") }
            rest = rest.dropFirst(count)
            size += count
        }
    }

    mutating func close() {
        if descriptor > STDERR_FILENO { Glibc.close(descriptor) }
        descriptor = -1
    }

    private mutating func open() throws {
        guard path != "-" else {
            descriptor = STDOUT_FILENO
            return
        }
        descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("open") }
        size = max(0, Int(lseek(descriptor, 0, SEEK_END)))
    }

    private mutating func rotate() throws {
        close()
        backups += 1
        guard rename(path, backupPath) == 0 else { throw failure("put aside") }
        removeOldBackups()
        try open()
    }

    /// `audit-2026-01-02T03-04-05.000001Z.log` for `audit.log`; the fraction counts.
    private var backupPath: String {
        let (nanoseconds, isTooFar) = now().multipliedReportingOverflow(by: 1_000_000_000)
        let counted = (isTooFar ? 0 : nanoseconds) + Int64(backups % 1_000_000) * 1000
        let time = RFC3339.text(nanoseconds: counted).map { $0 == ":" ? "-" : String($0) }.joined()
        return parts.folder + parts.stem + "-" + time + parts.ending
    }

    private var parts: (folder: String, stem: String, ending: String) {
        let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let (folder, name) = (String(path[..<slash]), path[slash...])
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return (folder, String(name), "") }
        return (folder, String(name[..<dot]), String(name[dot...]))
    }

    private func removeOldBackups() {
        let (folder, stem, ending) = parts
        guard let listing = opendir(folder.isEmpty ? "." : folder) else { return }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            // As long as the time makes it: another log of a similar name is not ours.
            let length = stem.utf8.count + 1 + "2026-01-02T03-04-05.678901Z".utf8.count + ending.utf8.count
            if name.utf8.count == length, name.hasPrefix(stem + "-"), name.hasSuffix("Z" + ending) {
                names.append(name)
            }
        }
        for name in names.sorted().dropLast(mostBackups) { unlink(folder + name) }
    }

    private func failure(_ verb: String) -> FileError {
        FileError(description: "cannot \(verb) the audit log \(path): \(String(cString: strerror(errno)))")
    }
}
