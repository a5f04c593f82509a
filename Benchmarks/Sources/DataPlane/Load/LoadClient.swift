import CLinux
import Glibc
import NetTypes

/// Asks echo servers over many TCP connections at once, on the calling thread and in its namespace.
struct LoadClient {
    enum Mode: String, CaseIterable {
        /// Every connection asks again as soon as it has its answer.
        case keepAlive = "keep-alive"
        /// Every answer ends its connection, and a new one takes its place.
        case newConnections = "new-connections"
    }

    let mode: Mode
    /// Connections go to these in turn.
    let targets: [sockaddr_in]
    var width = 50

    init(_ mode: Mode, _ targets: [AddressPort]) {
        self.mode = mode
        self.targets = targets.map { target in
            sockaddr_in(
                sin_family: sa_family_t(AF_INET), sin_port: target.port.bigEndian,
                sin_addr: in_addr(s_addr: target.address.v4.bigEndian), sin_zero: (0, 0, 0, 0, 0, 0, 0, 0))
        }
    }

    struct Outcome: Sendable {
        var answers = 0
        var failures = 0
        var seconds = 0.0
        var perSecond: Double { Double(answers) / seconds }
    }

    func run(for duration: Duration) throws(BenchmarkError) -> Outcome {
        let poll = epoll_create1(CInt(EPOLL_CLOEXEC))
        defer { close(poll) }
        var open: Set<CInt> = []
        defer { for socket in open { reset(socket) } }
        var next = 0
        for _ in 0..<width { open.insert(try connect(poll, &next)) }
        var outcome = Outcome()
        var events = [epoll_event](repeating: epoll_event(), count: width)
        var buffer = [UInt8](repeating: 0, count: 4096)
        let clock = ContinuousClock()
        let started = clock.now
        while case let elapsed = clock.now - started, elapsed < duration {
            let count = epoll_wait(poll, &events, CInt(width), 100)
            for event in events.prefix(Int(max(0, count))) {
                switch serve(event, poll, &buffer) {
                case .waiting: continue
                case .answered:
                    outcome.answers += 1
                    if mode == .keepAlive {
                        if ask(event.data.fd) { continue }
                        outcome.failures += 1
                    }
                case .failed: outcome.failures += 1
                }
                open.remove(event.data.fd)
                reset(event.data.fd)
                open.insert(try connect(poll, &next))
            }
            outcome.seconds = (clock.now - started).seconds
        }
        return outcome
    }

    private func watch(_ socket: CInt, _ kind: EPOLL_EVENTS, _ poll: CInt, _ operation: CInt) {
        var event = epoll_event(events: kind.rawValue, data: epoll_data_t(fd: socket))
        epoll_ctl(poll, operation, socket, &event)
    }

    private enum Progress { case waiting, answered, failed }

    private func serve(_ event: epoll_event, _ poll: CInt, _ buffer: inout [UInt8]) -> Progress {
        let socket = event.data.fd
        if event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { return .failed }
        if event.events & EPOLLIN.rawValue != 0 {
            let count = recv(socket, &buffer, buffer.count, 0)
            if count < 0, errno == EAGAIN { return .waiting }
            guard count > 0 else { return .failed }
            return buffer[count - 1] == UInt8(ascii: "\n") ? .answered : .waiting
        }
        // Established: from now on only answers matter.
        watch(socket, EPOLLIN, poll, EPOLL_CTL_MOD)
        return ask(socket) ? .waiting : .failed
    }

    private func ask(_ socket: CInt) -> Bool {
        let line: [UInt8] = [UInt8(ascii: "?"), UInt8(ascii: "\n")]
        return send(socket, line, line.count, CInt(MSG_NOSIGNAL)) == line.count
    }

    /// Begins a connection, watched until it is established.
    private func connect(_ poll: CInt, _ next: inout Int) throws(BenchmarkError) -> CInt {
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, type, 0)
        guard descriptor >= 0 else { throw BenchmarkError("cannot open a socket: errno \(errno)") }
        var on: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
        var target = targets[next % targets.count]
        next += 1
        let outcome = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard outcome == 0 || errno == EINPROGRESS else {
            let code = errno
            close(descriptor)
            throw BenchmarkError("cannot connect: errno \(code)")
        }
        watch(descriptor, EPOLLOUT, poll, EPOLL_CTL_ADD)
        return descriptor
    }

    /// Closes without TIME_WAIT, which would run out of ports.
    private func reset(_ socket: CInt) {
        var abrupt = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &abrupt, socklen_t(MemoryLayout<linger>.size))
        close(socket)
    }
}
