import CLinux
import Glibc
import NetTypes
import ProxyCore
import Synchronization
import Threads

/// Asks endpoints of Services with `apus.dev/health-check` whether they work: one thread for all, which never waits for
/// a single one.
final class HealthChecker: Sendable {
    /// What is checked of one service port.
    struct Subject: Sendable {
        let check: ActiveCheck
        let proxyProtocol: ProxyProtocolVersion?
        let endpoints: [AddressPort]
        let memory: ServiceMemory
    }

    private struct State {
        var wanted: [ServicePortName: Subject?] = [:]
        var thread: OwnThread?
        var known: Set<ServicePortName> = []
        var isStopping = false
    }

    private let state = Mutex(State())
    private let wakeUp = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))

    deinit { close(wakeUp) }

    /// From now on; nil to check the service port no more. The first subject starts the thread, in the caller's network
    /// namespace.
    func check(_ name: ServicePortName, _ subject: Subject?) throws(UserspaceError) {
        let mustStart = state.withLock { state in
            guard subject != nil || state.known.contains(name) else { return false }
            if subject == nil { state.known.remove(name) } else { state.known.insert(name) }
            state.wanted[name] = .some(subject)
            return state.thread == nil
        }
        if mustStart { try start() }
        eventfd_write(wakeUp, 1)
    }

    func stop() {
        let thread = state.withLock { state in
            state.isStopping = true
            defer { state.thread = nil }
            return state.thread
        }
        eventfd_write(wakeUp, 1)
        thread?.join()
        state.withLock { $0 = State() }
    }

    private func start() throws(UserspaceError) {
        do {
            let thread = try OwnThread { [self] in CheckRounds(wakeUp)?.run { self.take() } }
            state.withLock { $0.thread = thread }
        } catch {
            throw UserspaceError(operation: "start the thread of health checks", code: error.code)
        }
    }

    /// What was asked for since the last call; nil once told to stop.
    private func take() -> [ServicePortName: Subject?]? {
        var value: eventfd_t = 0
        eventfd_read(wakeUp, &value)
        return state.withLock { state in
            defer { state.wanted = [:] }
            return state.isStopping ? nil : state.wanted
        }
    }
}

/// The thread's own: checks that are due, under way and answered.
private struct CheckRounds {
    private struct Key: Hashable {
        let name: ServicePortName
        let endpoint: AddressPort
    }

    private struct Target {
        var subject: HealthChecker.Subject
        var health = EndpointHealth()
        /// Milliseconds of the monotonic clock: the next check.
        var due: Int
        var running: Running?
    }

    private struct Running {
        let socket: CInt
        let deadline: Int
        var isConnected = false
        var answer: [UInt8] = []
    }

    /// Milliseconds that a check may take.
    private static let patience = 2000
    /// Milliseconds between two looks at what is due.
    private static let tick = 20

    private let epoll: CInt
    private let wakeUp: CInt
    private var targets: [Key: Target] = [:]
    private var running: [CInt: Key] = [:]
    /// Closed after the round: events that were read may still name them.
    private var closing: [CInt] = []

    init?(_ wakeUp: CInt) {
        epoll = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard epoll >= 0 else { return nil }
        self.wakeUp = wakeUp
        apus_watch(epoll, wakeUp, EPOLLIN.rawValue, UInt64(wakeUp))
    }

    consuming func run(_ take: () -> [ServicePortName: HealthChecker.Subject?]?) {
        var rounds = self
        var events = [epoll_event](repeating: epoll_event(), count: 128)
        while let wanted = take() {
            for (name, subject) in wanted { rounds.set(name, subject) }
            let next = rounds.begin(Self.milliseconds())
            let count = epoll_wait(rounds.epoll, &events, CInt(events.count), next)
            let now = Self.milliseconds()
            for event in events.prefix(Int(max(0, count))) {
                rounds.handle(CInt(truncatingIfNeeded: event.data.u64), event.events, now)
            }
            for socket in rounds.closing { close(socket) }
            rounds.closing = []
        }
        for socket in rounds.running.keys { close(socket) }
        close(rounds.epoll)
    }

    private static func milliseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }

    /// Endpoints that stay keep what is known of them.
    private mutating func set(_ name: ServicePortName, _ subject: HealthChecker.Subject?) {
        let now = Self.milliseconds()
        let wanted = Set(subject?.endpoints ?? [])
        for (key, target) in targets where key.name == name && !wanted.contains(key.endpoint) {
            if let socket = target.running?.socket { forget(socket) }
            target.subject.memory.setHealth(key.endpoint, isHealthy: true)
            target.subject.memory.setChecked(wanted.count)
            targets[key] = nil
        }
        guard let subject else { return }
        for endpoint in wanted {
            let key = Key(name: name, endpoint: endpoint)
            // Not all at once.
            let delay = Int((endpoint.address.low &* 0x9e37_79b9_7f4a_7c15) >> 56)
            targets[key, default: Target(subject: subject, due: now + delay)].subject = subject
        }
        subject.memory.setChecked(wanted.count)
    }

    /// Begins what is due and gives up what takes too long; returns how long to wait, in milliseconds.
    private mutating func begin(_ now: Int) -> CInt {
        var next = Int.max
        for (key, target) in targets {
            if let check = target.running {
                if check.deadline <= now { finish(key, success: false) } else { next = min(next, check.deadline) }
            } else if target.due <= now {
                start(key, target.subject, now)
            } else {
                next = min(next, target.due)
            }
        }
        guard !targets.isEmpty else { return -1 }
        return CInt(clamping: min(Self.patience, max(Self.tick, next - now)))
    }

    private mutating func start(_ key: Key, _ subject: HealthChecker.Subject, _ now: Int) {
        targets[key]?.due = now + Int(subject.check.interval) * 1000
        switch RelaySocket.connect(key.endpoint, .tcp) {
        case .begun(let socket):
            targets[key]?.running = Running(socket: socket, deadline: now + Self.patience)
            running[socket] = key
            apus_watch(
                epoll, socket, EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue, UInt64(socket))
        case .refused: record(key, success: false)
        // Not the endpoint's fault.
        case .lacking: break
        }
    }

    private mutating func handle(_ socket: CInt, _ events: UInt32, _ now: Int) {
        guard let key = running[socket], let target = targets[key], let check = target.running else { return }
        if !check.isConnected {
            guard events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) == 0 else { return finish(key, success: false) }
            guard events & EPOLLOUT.rawValue != 0 else { return }
            guard case .http(let path) = target.subject.check.kind else { return finish(key, success: true) }
            let words =
                (target.subject.proxyProtocol.map(ProxyHeader.own) ?? []) + HTTPCheck.request(path, key.endpoint)
            guard RelaySocket.sendFirst(socket, words) else { return finish(key, success: false) }
            targets[key]?.running?.isConnected = true
        }
        read(key, socket)
    }

    private mutating func read(_ key: Key, _ socket: CInt) {
        var buffer = [UInt8](repeating: 0, count: 512)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else {
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN { return }
                return finish(key, success: false)
            }
            targets[key]?.running?.answer += buffer.prefix(count)
            if let success = HTTPCheck.isSuccess(targets[key]?.running?.answer ?? []) {
                return finish(key, success: success)
            }
        }
    }

    private mutating func finish(_ key: Key, success: Bool) {
        if let socket = targets[key]?.running?.socket { forget(socket) }
        targets[key]?.running = nil
        record(key, success: success)
    }

    private mutating func forget(_ socket: CInt) {
        running[socket] = nil
        closing.append(socket)
    }

    private mutating func record(_ key: Key, success: Bool) {
        guard let hasChanged = targets[key]?.health.saw(success: success), hasChanged, let target = targets[key] else {
            return
        }
        target.subject.memory.setHealth(key.endpoint, isHealthy: target.health.isHealthy)
    }
}
