import CLinux
import Glibc
import NetTypes

/// A probe under way. The runner closes its descriptor.
struct ProbeAttempt {
    enum Start {
        case running(ProbeAttempt)
        case over(ProbeOutcome)
    }

    private enum State { case connecting, waiting }

    let index: Int
    let descriptor: CInt
    let deadline: ContinuousClock.Instant
    private var state: State
    private var received: [UInt8] = []

    var events: Int16 { Int16(state == .connecting ? POLLOUT : POLLIN) }

    static func start(
        _ probe: Probe, index: Int, now: ContinuousClock.Instant, _ socket: (Int) throws(LabError) -> Socket
    ) -> Start {
        do throws(LabError) {
            let socket = try socket(index)
            if let source = probe.source {
                // Two UDP sockets that may share a port would sometimes be given the same one.
                if source.port == 0 {
                    try socket.set(CInt(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, 1)
                } else {
                    try socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
                }
                try socket.bind(source)
            }
            let code = socket.connect(probe.target)
            guard code == 0 || code == EINPROGRESS else { return .over(outcome(code)) }
            let attempt = ProbeAttempt(
                index: index, descriptor: socket.release(), deadline: now + probe.timeout,
                state: code == 0 ? .waiting : .connecting)
            if code == 0, let outcome = attempt.ask() {
                close(attempt.descriptor)
                return .over(outcome)
            }
            return .running(attempt)
        } catch {
            return .over(.failed(error.code))
        }
    }

    /// Called when the socket has something to say. nil: not over yet.
    mutating func advance() -> ProbeOutcome? {
        switch state {
        case .connecting:
            var code: CInt = 0
            var length = socklen_t(MemoryLayout<CInt>.size)
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
            guard code == 0 else { return Self.outcome(code) }
            state = .waiting
            return ask()
        case .waiting: return hear()
        }
    }

    private func ask() -> ProbeOutcome? {
        let question = Array("probe\n".utf8)
        guard send(descriptor, question, question.count, CInt(MSG_NOSIGNAL)) < 0 else { return nil }
        // EPERM: the local firewall took the packet. If it refused and did not just drop it, an ICMP error follows.
        return errno == EPERM ? nil : Self.outcome(errno)
    }

    private mutating func hear() -> ProbeOutcome? {
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0 { return errno == EAGAIN || errno == EINTR ? nil : Self.outcome(errno) }
        received += buffer.prefix(count)
        let isWhole = received.contains(UInt8(ascii: "\n"))
        guard isWhole || count == 0 else { return received.count > 4096 ? .failed(EBADMSG) : nil }
        let line = received.prefix { $0 != UInt8(ascii: "\n") }
        return EchoReply(String(decoding: line, as: UTF8.self)).map(ProbeOutcome.reply) ?? .failed(EBADMSG)
    }

    private static func outcome(_ code: CInt) -> ProbeOutcome {
        switch code {
        case ECONNREFUSED: .refused
        case EPERM, ETIMEDOUT: .timeout
        default: .failed(code)
        }
    }
}
