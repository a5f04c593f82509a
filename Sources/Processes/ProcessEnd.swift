import Glibc

/// How a process ended.
public enum ProcessEnd: Sendable, Equatable {
    case exit(CInt)
    case signal(CInt)
    /// Killed by us, with every process of its session.
    case timeLimit
    /// Killed by us: it printed more than was allowed.
    case outputLimit
    /// Nobody can say: this process ignores SIGCHLD.
    case unknown

    /// Of waitpid(2).
    init(status: CInt) {
        let signal = status & 0x7f
        self = signal == 0 ? .exit((status >> 8) & 0xff) : .signal(signal)
    }

    /// Waits for a child's end; blocks.
    public static func reap(_ id: pid_t) -> ProcessEnd {
        var status: CInt = 0
        while waitpid(id, &status, 0) < 0 {
            guard errno == EINTR else { return .unknown }
        }
        return ProcessEnd(status: status)
    }

    /// As a shell gives it: the exit status, or 128 and the signal.
    public var status: CInt {
        switch self {
        case .exit(let code): code
        case .signal(let signal): 128 + signal
        case .timeLimit, .outputLimit: 128 + SIGKILL
        case .unknown: 127
        }
    }
}

/// A program that could not be started, or not be given what it needs.
public struct ProcessError: Error, Equatable, CustomStringConvertible {
    public let description: String
    /// An errno.
    public let code: CInt

    public init(_ what: String, code: CInt) {
        description = "\(what): \(String(cString: strerror(code)))"
        self.code = code
    }

    static func last(_ what: String) -> ProcessError { ProcessError(what, code: errno) }
}
