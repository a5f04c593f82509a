import CLinux
import Glibc
import Lab
import Logging
import Namespaces
import Synchronization
import Threads

/// Keeps the processes of a cluster as its settings say: starts what is missing, takes up what runs already, ends what shall
/// not run. One thread, which sleeps until a process ends or the settings change.
public final class Keeper: Sendable {
    private let layout: ClusterLayout
    private let environment: [String]
    private let logger: Logger
    private let wakeUp: CInt
    private let shown = Mutex(KeeperReport())
    private static let servingPause = Duration.milliseconds(10)

    /// - Parameter environment: of the processes, `NAME=value`.
    public init(_ layout: ClusterLayout, environment: [String], logger: Logger) {
        self.layout = layout
        self.environment = environment
        self.logger = logger
        wakeUp = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
    }

    deinit { close(wakeUp) }

    /// What it keeps, as it was when it last looked: at each end of a process and each change of the settings.
    public var report: KeeperReport { shown.withLock { $0 } }

    /// Works until the task is cancelled; then the processes are ended, the API server last.
    public func run() async throws {
        try await withTaskCancellationHandler {
            try await OwnThread.wait { try self.work() }
        } onCancel: {
            eventfd_write(wakeUp, 1)
        }
    }

    private func work() throws {
        var state = KeeperState()
        let changes = try FolderEvents(layout.dataDirectory)
        var settings = try self.settings()
        while true {
            state.restarts.keep(Set(layout.components(settings).map(\.name)))
            collect(&state)
            let pause = align(&state, settings)
            switch wait(state, changes, pause) {
            case .stop: return stop(&state)
            case .settings:
                do {
                    settings = try self.settings()
                } catch {
                    logger.error("the settings stay as they were", metadata: ["error": "\(error)"])
                }
            case .processes: break
            }
        }
    }

    private func settings() throws -> ClusterSettings {
        guard let settings = try ClusterSettings.read(layout) else {
            throw ClusterFailure("there is no \(layout.settings); 'apus up' makes it")
        }
        return settings
    }

    // MARK: - Processes

    /// Takes note of what ended.
    private func collect(_ state: inout KeeperState) {
        for (name, process) in state.running where !process.record.isRunning {
            waitpid(process.record.pid, nil, WNOHANG)
            close(process.handle)
            state.running[name] = nil
            let life = Monotonic.now - process.since
            state.restarts.ended(name, after: life, now: Monotonic.now)
            logger.warning("ended", metadata: ["component": "\(name)", "pid": "\(process.record.pid)"])
        }
    }

    /// Starts and ends what differs; how long until something is due.
    private func align(_ state: inout KeeperState, _ settings: ClusterSettings) -> Duration? {
        let desired = layout.components(settings)
        let commands = Dictionary(desired.map { ($0.name, $0) }) { $1 }
        for (name, process) in state.running where commands[name] != process.component {
            end([process])
            state.running[name] = nil
        }
        var pause: Duration?
        // Who cannot reach the API server waits longer and longer; it is faster to start when it is there.
        if !state.isServing { state.isServing = layout.isServing }
        for component in desired where state.running[component.name] == nil {
            guard state.isServing || component.rank == 0 else {
                pause = min(pause ?? Self.servingPause, Self.servingPause)
                continue
            }
            let wait = state.restarts.wait(component.name, now: Monotonic.now)
            guard wait == .zero else {
                pause = min(pause ?? wait, wait)
                continue
            }
            do {
                state.running[component.name] = try takeUp(component) ?? start(component, settings)
            } catch {
                logger.error("cannot start", metadata: ["component": "\(component.name)", "error": "\(error)"])
                state.restarts.ended(component.name, after: .zero, now: Monotonic.now)
                pause = min(pause ?? Restarts.longest, state.restarts.wait(component.name, now: Monotonic.now))
            }
        }
        shown.withLock { $0.looked(at: desired.map { ($0.name, state.running[$0.name]?.record.pid) }) }
        return pause
    }

    /// The process of an earlier keeper.
    private func takeUp(_ component: Component) throws -> KeptProcess? {
        guard let record = try layout.runningProcess(component) else { return nil }
        logger.info("taken up", metadata: ["component": "\(component.name)", "pid": "\(record.pid)"])
        return KeptProcess(component, record)
    }

    private func start(_ component: Component, _ settings: ClusterSettings) throws -> KeptProcess {
        let namespace = try NetworkNamespace.named(component.namespace)
        let log = layout.log(component.name)
        let pid: pid_t
        if component.hasDoor {
            let door = try HostDoor(port: settings.port)
            pid = try namespace.spawn(
                layout.program, component.arguments, environment: environment, log: log, passing: [door.descriptor])
        } else {
            pid = try namespace.spawn(layout.program, component.arguments, environment: environment, log: log)
        }
        guard let record = ProcessRecord(running: pid, command: layout.command(component)) else {
            waitpid(pid, nil, 0)
            throw ClusterFailure("it ended at once; \(log) says why")
        }
        logger.info("started", metadata: ["component": "\(component.name)", "pid": "\(pid)"])
        return KeptProcess(component, record)
    }

    private func stop(_ state: inout KeeperState) {
        let ranks = Set(state.running.values.map(\.component.rank)).sorted(by: >)
        for rank in ranks { end(state.running.values.filter { $0.component.rank == rank }) }
        state.running = [:]
    }

    /// All are told before the first is waited for, and all together have three seconds.
    private func end(_ processes: [KeptProcess]) {
        for process in processes where process.record.isRunning { kill(process.record.pid, SIGTERM) }
        let deadline = Monotonic.now + .seconds(3)
        for process in processes {
            do {
                try process.record.end(patience: max(.milliseconds(10), deadline - Monotonic.now))
                logger.info("stopped", metadata: ["component": "\(process.component.name)"])
            } catch {
                logger.error("cannot end", metadata: ["component": "\(process.component.name)", "error": "\(error)"])
            }
            close(process.handle)
        }
    }

    // MARK: - Waiting

    private enum Reason { case stop, settings, processes }

    private func wait(_ state: KeeperState, _ changes: borrowing FolderEvents, _ pause: Duration?) -> Reason {
        var descriptors = [
            pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0),
            pollfd(fd: changes.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        descriptors += state.running.values.map { pollfd(fd: $0.handle, events: Int16(POLLIN), revents: 0) }
        let limit = pause.map {
            CInt(clamping: $0.components.seconds * 1000 + $0.components.attoseconds / 1_000_000_000_000_000 + 1)
        }
        poll(&descriptors, nfds_t(descriptors.count), limit ?? -1)
        if descriptors[0].revents != 0 { return .stop }
        return changes.drain() ? .settings : .processes
    }
}

/// What the keeper knows.
private struct KeeperState {
    var running: [String: KeptProcess] = [:]
    var restarts = Restarts()
    /// The API server has listened.
    var isServing = false
}

private struct KeptProcess {
    let component: Component
    let record: ProcessRecord
    /// A descriptor that becomes readable at its end.
    let handle: CInt
    let since: Duration

    init(_ component: Component, _ record: ProcessRecord) {
        self.component = component
        self.record = record
        handle = apus_process_descriptor(record.pid)
        since = Monotonic.now
    }
}

/// Hears when a file of a folder was written or put in place.
private struct FolderEvents: ~Copyable {
    let descriptor: CInt

    init(_ path: String) throws {
        descriptor = inotify_init1(CInt(IN_CLOEXEC | IN_NONBLOCK))
        guard descriptor >= 0, inotify_add_watch(descriptor, path, UInt32(IN_MOVED_TO | IN_CLOSE_WRITE)) >= 0 else {
            throw ClusterFailure("cannot watch \(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    borrowing func drain() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var isAny = false
        while read(descriptor, &buffer, buffer.count) > 0 { isAny = true }
        return isAny
    }
}

private enum Monotonic {
    static var now: Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
