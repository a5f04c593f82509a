import CLinux
import Glibc
import NetTypes

/// Asks HTTP servers over many TCP connections at once, on the calling thread and in its namespace.
///
/// Without a rate each connection asks again as soon as it has its answer. With one, requests are due on a schedule and
/// latency counts from when each was due, so that a server that stalls cannot hide it.
struct LoadClient {
    let isNewConnectionEach: Bool
    /// Connections go to these in turn.
    let targets: [AddressPort]
    let width: Int
    /// Requests in each second.
    let rate: Double?
    let request: [UInt8]
    /// Counts connections by the first word of the answer: for echo servers.
    let countsBackends: Bool

    private let poll: CInt
    private var connections: [Connection]
    private var outcome = LoadOutcome()
    private var buffer: UnsafeMutableBufferPointer<UInt8>
    private var next = 0
    private var started = 0
    private var due = 0
    private var idle: [Int] = []

    private struct Connection {
        enum State { case connecting, idle, asked }
        var socket: CInt = -1
        var state = State.connecting
        /// Tells events of a closed socket from those of its successor.
        var generation: UInt32 = 0
        /// When its request was sent or due.
        var asked = 0
        var answer = HTTPAnswer()
    }

    init(
        _ client: TrafficScenario.Client, _ targets: [AddressPort], path: String, countsBackends: Bool = false
    ) throws(BenchError) {
        isNewConnectionEach = client.kind == .newConnections
        self.targets = targets
        width = client.connections
        rate = client.rate
        self.countsBackends = countsBackends
        request = Array("GET \(path) HTTP/1.1\r\nHost: \(targets.first.map { "\($0)" } ?? "")\r\n\r\n".utf8)
        poll = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard poll >= 0 else { throw BenchError("cannot make an epoll: errno \(errno)") }
        buffer = .allocate(capacity: 1 << 18)
        connections = Array(repeating: Connection(), count: width)
    }

    static func run(
        _ client: TrafficScenario.Client, _ targets: [AddressPort], path: String, countsBackends: Bool = false,
        for duration: Duration
    ) throws(BenchError) -> LoadOutcome {
        var load = try LoadClient(client, targets, path: path, countsBackends: countsBackends)
        return try load.run(for: duration)
    }

    private mutating func run(for duration: Duration) throws(BenchError) -> LoadOutcome {
        defer {
            for connection in connections where connection.socket >= 0 { reset(connection.socket) }
            close(poll)
            buffer.deallocate()
        }
        started = Self.now
        due = started
        let end = started + Int(duration.seconds * 1e9)
        if rate == nil || !isNewConnectionEach {
            for index in connections.indices { try connect(index) }
        } else {
            idle = Array(connections.indices)
        }
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: width)
        defer { events.deallocate() }
        var now = started
        while now < end {
            let count = apus_wait(poll, events, CInt(width), wait(now, end))
            now = Self.now
            for position in 0..<Int(max(0, count)) { try handle(events[position], now) }
            if rate != nil { try askWhatIsDue(now) }
        }
        outcome.seconds = Double(now - started) / 1e9
        return outcome
    }

    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// Nanoseconds until something must be done without an event.
    private func wait(_ now: Int, _ end: Int) -> Int64 {
        let soonest = rate == nil || idle.isEmpty ? end : min(end, due)
        return Int64(max(0, min(soonest - now, 100_000_000)))
    }

    // MARK: Schedule

    private mutating func askWhatIsDue(_ now: Int) throws(BenchError) {
        guard let rate else { return }
        while due <= now, let index = idle.popLast() {
            connections[index].asked = due
            due += Int(1e9 / rate)
            if isNewConnectionEach {
                try connect(index, asked: connections[index].asked)
            } else {
                try ask(index)
            }
        }
    }

    // MARK: Connections

    private mutating func handle(_ event: epoll_event, _ now: Int) throws(BenchError) {
        let index = Int(event.data.u64 & 0xffff_ffff)
        guard connections[index].generation == UInt32(truncatingIfNeeded: event.data.u64 >> 32) else { return }
        if event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 {
            return try fail(index, "a connection was refused or reset")
        }
        if connections[index].state == .connecting, event.events & EPOLLOUT.rawValue != 0 {
            watch(index, EPOLLIN, EPOLL_CTL_MOD)
            return try begin(index)
        }
        if event.events & EPOLLIN.rawValue != 0 { try read(index, now) }
    }

    /// An established connection asks, or waits for its turn.
    private mutating func begin(_ index: Int) throws(BenchError) {
        if rate == nil || isNewConnectionEach { return try ask(index) }
        connections[index].state = .idle
        idle.append(index)
    }

    private mutating func read(_ index: Int, _ now: Int) throws(BenchError) {
        while true {
            let count = recv(connections[index].socket, buffer.baseAddress, buffer.count, 0)
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            guard count > 0 else { return try fail(index, "a server closed a connection") }
            outcome.bytes += count
            switch connections[index].answer.receive(UnsafeBufferPointer(rebasing: buffer[..<count])) {
            case .incomplete: if count < buffer.count { return }
            case .invalid(let reason): throw BenchError("\(targets[0]) gave \(reason)")
            case .complete: return try answered(index, now)
            }
        }
    }

    private mutating func answered(_ index: Int, _ now: Int) throws(BenchError) {
        outcome.answers += 1
        outcome.latencies.add(nanoseconds: now - connections[index].asked)
        if connections[index].answer.keepsWord {
            outcome.perBackend[String(decoding: connections[index].answer.word, as: UTF8.self), default: 0] += 1
            connections[index].answer.keepsWord = false
        }
        if isNewConnectionEach {
            drop(index)
            if rate == nil { try connect(index) } else { idle.append(index) }
        } else if rate == nil {
            try ask(index)
        } else {
            connections[index].state = .idle
            idle.append(index)
        }
    }

    private mutating func ask(_ index: Int) throws(BenchError) {
        if rate == nil, !isNewConnectionEach { connections[index].asked = Self.now }
        connections[index].state = .asked
        let socket = connections[index].socket
        guard send(socket, request, request.count, CInt(MSG_NOSIGNAL)) == request.count else {
            return try fail(index, "a connection took no request")
        }
    }

    private mutating func fail(_ index: Int, _ reason: String) throws(BenchError) {
        outcome.fail(reason)
        if connections[index].state == .idle { idle.removeAll { $0 == index } }
        drop(index)
        if rate != nil, isNewConnectionEach { idle.append(index) } else { try connect(index) }
    }

    private mutating func drop(_ index: Int) {
        reset(connections[index].socket)
        connections[index].socket = -1
    }

    /// Begins a connection, watched until it is established. `asked` when a schedule wanted it.
    private mutating func connect(_ index: Int, asked: Int? = nil) throws(BenchError) {
        let target = targets[next % targets.count]
        next += 1
        connections[index].generation &+= 1
        connections[index].state = .connecting
        connections[index].asked = asked ?? Self.now
        connections[index].answer = HTTPAnswer()
        connections[index].answer.keepsWord = countsBackends
        connections[index].socket = try TCPSocket.connect(target)
        watch(index, EPOLLOUT, EPOLL_CTL_ADD)
    }

    private func watch(_ index: Int, _ kind: EPOLL_EVENTS, _ operation: CInt) {
        let token = UInt64(connections[index].generation) << 32 | UInt64(index)
        var event = epoll_event(events: kind.rawValue, data: epoll_data_t(u64: token))
        epoll_ctl(poll, operation, connections[index].socket, &event)
    }

    private func reset(_ socket: CInt) { TCPSocket.reset(socket) }
}
