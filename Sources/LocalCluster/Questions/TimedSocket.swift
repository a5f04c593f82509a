import Glibc
import Lab
import NetTypes

/// A conversation of this thread's network namespace, which ends at a deadline.
struct TimedSocket: ~Copyable {
    private let socket: Socket
    private let deadline: ContinuousClock.Instant

    /// - Parameter limit: for all that is said and heard.
    init(_ family: IPFamily, _ proto: TransportProtocol, within limit: Duration) throws(LabError) {
        socket = try Socket(family, proto)
        deadline = .now + limit
    }

    /// False when nobody answers in time; over UDP that is not known yet.
    borrowing func connect(_ server: AddressPort) -> Bool {
        let refusal = socket.connect(server)
        return (refusal == 0 || refusal == EINPROGRESS) && wait(for: POLLOUT) && isConnected
    }

    borrowing func send(_ bytes: [UInt8]) -> Bool {
        Glibc.send(socket.descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count
    }

    /// What comes next: a datagram, or some bytes of a stream, none at its end. nil when nothing came in time.
    borrowing func receive() -> [UInt8]? {
        guard wait(for: POLLIN) else { return nil }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(socket.descriptor, &buffer, buffer.count, 0)
        return count < 0 ? nil : Array(buffer[..<count])
    }

    private borrowing func wait(for event: CInt) -> Bool {
        while true {
            let left = deadline - .now
            guard left > .zero else { return false }
            var entry = pollfd(fd: socket.descriptor, events: Int16(event), revents: 0)
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1
            let count = poll(&entry, 1, CInt(clamping: milliseconds))
            if count > 0 { return true }
            guard count < 0, errno == EINTR else { return false }
        }
    }

    private var isConnected: Bool {
        var (error, length) = (CInt(0), socklen_t(MemoryLayout<CInt>.size))
        return getsockopt(socket.descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0
    }
}
