import CLinux
import Glibc
import Synchronization

/// A program that runs beside this one: killed with its owner, and reaped once.
public final class RunningProcess: Sendable {
    public let id: pid_t
    /// Becomes readable when it ends; negative on a kernel before 5.3.
    private let handle: CInt
    /// While it is nil, the process id is nobody else's.
    private let found = Mutex<ProcessEnd?>(nil)

    /// Of a child of this process.
    private init(id: pid_t) {
        self.id = id
        handle = apus_process_descriptor(id)
    }

    public convenience init(_ start: ProgramStart) throws(ProcessError) { self.init(id: try start.start()) }

    /// With nothing on its standard input; what it prints is added to a file.
    public convenience init(_ start: ProgramStart, log: String) throws(ProcessError) {
        self.init(id: try start.start(log: log))
    }

    deinit {
        kill()
        if handle >= 0 { close(handle) }
    }

    /// nil while it runs.
    public var end: ProcessEnd? {
        found.withLock { found in
            if found == nil { found = Self.reap(id) }
            return found
        }
    }

    public var isRunning: Bool { end == nil }

    /// Blocks until it ends.
    @discardableResult
    public func wait() -> ProcessEnd {
        while true {
            if let end = wait(.seconds(3600)) { return end }
        }
    }

    /// Blocks until it ends; nil when it still runs after `limit`.
    public func wait(_ limit: Duration) -> ProcessEnd? {
        let deadline = ContinuousClock.now + limit
        while true {
            if let end { return end }
            let left = (deadline - ContinuousClock.now) / .milliseconds(1)
            guard left > 0 else { return nil }
            // A negative descriptor is ignored: then it only waits.
            var wait = pollfd(fd: handle, events: Int16(POLLIN), revents: 0)
            poll(&wait, 1, CInt(min(left + 1, handle >= 0 ? 60_000 : 10)))
        }
    }

    /// False when it has ended.
    @discardableResult
    public func signal(_ number: CInt) -> Bool { found.withLock { $0 == nil && Glibc.kill(id, number) == 0 } }

    /// Without a chance to do anything; reaps it.
    @discardableResult
    public func kill() -> ProcessEnd {
        signal(SIGKILL)
        return wait()
    }

    /// Asks it to end, and waits until it has.
    @discardableResult
    public func terminate() -> ProcessEnd {
        signal(SIGTERM)
        return wait()
    }

    /// Kills it with every process of its session; reaps it.
    func killSession() {
        found.withLock { if $0 == nil { _ = Glibc.kill(-id, SIGKILL) } }
        kill()
    }

    private static func reap(_ id: pid_t) -> ProcessEnd? {
        var status: CInt = 0
        switch waitpid(id, &status, WNOHANG) {
        case id: return ProcessEnd(status: status)
        case -1 where errno == ECHILD: return .unknown
        default: return nil
        }
    }
}
