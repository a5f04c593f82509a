import Glibc

/// A process that is known again later: numbers are used anew, but not with the same time of birth.
public struct ProcessIdentity: Sendable, Hashable {
    public var pid: pid_t
    /// Clock ticks from the start of the machine to the process' own (proc(5), stat, field 22).
    public var birth: UInt64

    public init(pid: pid_t, birth: UInt64) {
        self.pid = pid
        self.birth = birth
    }

    /// Nil when there is no such process.
    public init?(of pid: pid_t) {
        guard let fields = Self.status(pid), let birth = UInt64(fields[19]) else { return nil }
        self.init(pid: pid, birth: birth)
    }

    /// False too for a process that has ended and is only not reaped yet.
    public var isAlive: Bool {
        guard let fields = Self.status(pid) else { return false }
        return fields[19] == String(birth) && fields[0] != "Z" && fields[0] != "X"
    }

    /// Ends it at once.
    public func kill() { signal(SIGKILL) }

    /// Does nothing to another process that has the number now.
    func signal(_ signal: Int32) { if isAlive { Glibc.kill(pid, signal) } }

    /// The fields of /proc/PID/stat after the name, which may hold spaces.
    private static func status(_ pid: pid_t) -> [Substring]? {
        guard pid > 0, let text = Files.read("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? fields : nil
    }
}
