import Glibc

/// A process that the lab started, remembered on disk so that exactly it can be ended later, by another process too.
///
/// Its start time tells it from a later process with the same id.
public struct ProcessRecord: Sendable, Equatable {
    public let pid: pid_t
    /// Clock ticks after boot, from /proc/PID/stat.
    let startTime: UInt64
    /// Program and arguments, as /proc/PID/cmdline has them.
    let command: [String]

    init(pid: pid_t, startTime: UInt64, command: [String]) {
        self.pid = pid
        self.startTime = startTime
        self.command = command
    }

    /// A process that runs now; nil if it is gone.
    public init?(running pid: pid_t, command: [String]) {
        guard let startTime = Self.startTime(pid) else { return nil }
        self.init(pid: pid, startTime: startTime, command: command)
    }

    /// Zero bytes between pid, start time, and the command's words.
    public init?(text: String) {
        let words = text.split(separator: "\0", omittingEmptySubsequences: false)
        guard words.count >= 3, let pid = pid_t(words[0]), pid > 1, let startTime = UInt64(words[1]) else { return nil }
        self.init(pid: pid, startTime: startTime, command: words[2...].map(String.init))
    }

    public var text: String { ([String(pid), String(startTime)] + command).joined(separator: "\0") }

    /// True while this very process runs. Right after its start a process may not show its command yet.
    public var isRunning: Bool {
        Self.startTime(pid) == startTime && Self.command(pid) ?? command == command
    }

    /// Ends the process if it still is the one recorded, by force after `patience`, and waits until it is gone.
    public func end(patience: Duration = .seconds(1)) throws(LabError) {
        guard isRunning else { return }
        for (signal, limit) in [(SIGTERM, patience), (SIGKILL, .seconds(1))] {
            if kill(pid, signal) != 0, errno != ESRCH { throw .last("end process \(pid)") }
            let deadline = ContinuousClock.now + limit
            while ContinuousClock.now < deadline {
                if Self.startTime(pid) != startTime {
                    // Reaps it if it is a child of this process.
                    waitpid(pid, nil, WNOHANG)
                    return
                }
                usleep(5000)
            }
        }
        throw LabError("end process \(pid)", code: EBUSY)
    }

    /// Processes whose command is `command` in the network namespace with that inode number.
    public static func find(command: [String], inNamespace inode: UInt64) -> [pid_t] {
        guard let processes = opendir("/proc") else { return [] }
        defer { closedir(processes) }
        var found: [pid_t] = []
        while let entry = readdir(processes) {
            guard let pid = pid_t(entry.fileName), pid > 1, Self.command(pid) == command else { continue }
            var status = stat()
            if stat("/proc/\(pid)/ns/net", &status) == 0, UInt64(status.st_ino) == inode { found.append(pid) }
        }
        return found
    }

    /// nil for a process that is gone or only waits to be reaped.
    private static func startTime(_ pid: pid_t) -> UInt64? {
        guard let bytes = SmallFile.read("/proc/\(pid)/stat") else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        // The second field is a name in parentheses that may hold anything; state is the third, start time the 22nd.
        guard let name = text.lastIndex(of: ")") else { return nil }
        let fields = text[name...].split(separator: " ").dropFirst()
        guard fields.count > 19, fields.first != "Z", fields.first != "X" else { return nil }
        return UInt64(fields[fields.startIndex + 19])
    }

    /// nil while the process is being loaded, or is ending.
    private static func command(_ pid: pid_t) -> [String]? {
        guard let bytes = SmallFile.read("/proc/\(pid)/cmdline"), !bytes.isEmpty else { return nil }
        return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}

extension UnsafeMutablePointer<dirent> {
    var fileName: String {
        withUnsafePointer(to: &pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
    }
}
