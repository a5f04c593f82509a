import CLinux
import Glibc

/// Answers every request with the same large body, as fast as it is taken: what throughput is measured with. One
/// thread, any number of listeners.
final class BulkServer: Sendable {
    static let bodyLength = 16 << 20

    private let poll: CInt
    private let wakeUp: CInt
    private let listeners: Set<CInt>

    /// Takes over the listening sockets.
    init(_ listeners: [CInt]) throws(BenchError) {
        poll = epoll_create1(CInt(EPOLL_CLOEXEC))
        wakeUp = eventfd(0, CInt(EFD_CLOEXEC))
        self.listeners = Set(listeners)
        guard poll >= 0, wakeUp >= 0 else { throw BenchError("cannot make an epoll: errno \(errno)") }
        for socket in listeners + [wakeUp] { watch(socket, EPOLLIN.rawValue) }
    }

    deinit {
        for socket in listeners { close(socket) }
        close(poll)
        close(wakeUp)
    }

    /// Makes `run` return soon. Callable from any thread.
    func stop() { eventfd_write(wakeUp, 1) }

    /// Serves on the calling thread until `stop`.
    func run() {
        var left: [CInt: Int] = [:]
        defer { for socket in left.keys { close(socket) } }
        let head = Array("HTTP/1.1 200 OK\r\nContent-Length: \(Self.bodyLength)\r\n\r\n".utf8)
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 18)
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        var input = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = epoll_wait(poll, &events, CInt(events.count), -1)
            for event in events.prefix(Int(max(0, count))) {
                let socket = event.data.fd
                if socket == wakeUp { return }
                if listeners.contains(socket) {
                    accept(socket, &left)
                } else if !serve(socket, event.events, head, body, &input, &left) {
                    left[socket] = nil
                    close(socket)
                }
            }
        }
    }

    private func accept(_ listener: CInt, _ left: inout [CInt: Int]) {
        while case let socket = apus_accept(listener), socket >= 0 {
            left[socket] = 0
            watch(socket, EPOLLIN.rawValue)
        }
    }

    /// False when the client is gone.
    private func serve(
        _ socket: CInt, _ events: UInt32, _ head: [UInt8], _ body: [UInt8], _ input: inout [UInt8],
        _ left: inout [CInt: Int]
    ) -> Bool {
        if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { return false }
        if events & EPOLLIN.rawValue != 0 {
            guard recv(socket, &input, input.count, 0) > 0,
                send(socket, head, head.count, CInt(MSG_NOSIGNAL)) == head.count
            else { return false }
            left[socket, default: 0] += Self.bodyLength
        }
        while let rest = left[socket], rest > 0 {
            let sent = send(socket, body, min(rest, body.count), CInt(MSG_NOSIGNAL))
            guard sent > 0 else {
                guard errno == EAGAIN else { return false }
                change(socket, EPOLLIN.rawValue | EPOLLOUT.rawValue)
                return true
            }
            left[socket] = rest - sent
        }
        if events & EPOLLOUT.rawValue != 0 { change(socket, EPOLLIN.rawValue) }
        return true
    }

    private func watch(_ socket: CInt, _ events: UInt32) {
        var event = epoll_event(events: events, data: epoll_data_t(fd: socket))
        epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event)
    }

    private func change(_ socket: CInt, _ events: UInt32) {
        var event = epoll_event(events: events, data: epoll_data_t(fd: socket))
        epoll_ctl(poll, EPOLL_CTL_MOD, socket, &event)
    }
}
