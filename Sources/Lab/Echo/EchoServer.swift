import CLinux
import Glibc
import NetTypes

/// Tells every TCP line, every HTTP GET and every UDP datagram which backend got it, at which address and from whom.
///
/// One thread and one epoll serve any number of backends: their sockets stay in the namespaces where they were opened.
/// A client that does not read its answers loses its connection.
public final class EchoServer: Sendable {
    private let listeners: [EchoListener]
    private let poll: CInt
    private let wakeUp: CInt

    /// Takes over the listeners, and the eventfd that stops it if there is one; they are closed with the server.
    init(_ listeners: [EchoListener], wakeUp: CInt? = nil) throws(LabError) {
        self.listeners = listeners
        poll = epoll_create1(CInt(EPOLL_CLOEXEC))
        self.wakeUp = wakeUp ?? eventfd(0, CInt(EFD_CLOEXEC))
        try watch(self.wakeUp)
        for listener in listeners {
            for port in listener.ports { try watch(port.descriptor) }
        }
    }

    /// Listens on `ports` in the calling thread's namespace, TCP and UDP, IPv4 and IPv6.
    public convenience init(ports: [UInt16], name: String) throws(LabError) {
        try self.init([EchoListener(name: name, ports: ports)])
    }

    deinit {
        for listener in listeners { listener.close() }
        close(poll)
        close(wakeUp)
    }

    /// Serves until the process ends, as many clients as the system lets it.
    public static func run(ports: [UInt16], name: String) throws(LabError) {
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            limit.rlim_cur = limit.rlim_max
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        try EchoServer(ports: ports, name: name).run()
    }

    /// Makes `run` return soon. Callable from any thread.
    public func stop() { eventfd_write(wakeUp, 1) }

    /// Serves on the calling thread until `stop`.
    public func run() throws(LabError) {
        let sockets = Dictionary(
            uniqueKeysWithValues: listeners.flatMap { listener in
                listener.ports.map { ($0.descriptor, (port: $0, name: listener.name)) }
            })
        var connections: [CInt: EchoConnection] = [:]
        defer { for descriptor in connections.keys { close(descriptor) } }
        var events = [epoll_event](repeating: epoll_event(), count: 256)
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = epoll_wait(poll, &events, CInt(events.count), -1)
            if count < 0, errno != EINTR { throw .last("wait for sockets") }
            for event in events.prefix(Int(max(0, count))) {
                let descriptor = event.data.fd
                if descriptor == wakeUp { return }
                if let socket = sockets[descriptor] {
                    switch socket.port.kind {
                    case .udp: answerDatagrams(descriptor, socket.name, socket.port.number, &buffer)
                    case .tcp: accept(descriptor, socket.name, &connections)
                    }
                } else if connections[descriptor]?.serve(&buffer) == .finished {
                    connections[descriptor] = nil
                    forget(descriptor)
                }
            }
        }
    }

    private func watch(_ descriptor: CInt) throws(LabError) {
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: descriptor))
        guard epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) == 0 else { throw .last("watch a socket") }
    }

    /// Takes the socket out of the epoll before it is closed: closing alone would not do that while a process that is
    /// just being spawned holds a copy, and the epoll would then speak of whoever has the number next.
    private func forget(_ descriptor: CInt) {
        epoll_ctl(poll, EPOLL_CTL_DEL, descriptor, nil)
        close(descriptor)
    }

    private func accept(_ listener: CInt, _ name: String, _ connections: inout [CInt: EchoConnection]) {
        while true {
            let descriptor = apus_accept(listener)
            guard descriptor >= 0 else {
                if errno == ECONNABORTED || errno == EINTR { continue }
                return
            }
            guard let connection = EchoConnection(descriptor, name: name), (try? watch(descriptor)) != nil else {
                close(descriptor)
                continue
            }
            connections[descriptor] = connection
        }
    }

    private func answerDatagrams(_ descriptor: CInt, _ name: String, _ port: UInt16, _ buffer: inout [UInt8]) {
        var peer = sockaddr_in6()
        var local = in6_addr()
        while true {
            guard apus_receive_datagram(descriptor, &buffer, buffer.count, &peer, &local) >= 0 else {
                // A pending error of an earlier answer is consumed by this read.
                if errno == EINTR || errno == ECONNREFUSED { continue }
                return
            }
            let reply = EchoReply(
                backend: name, local: AddressPort(IPAddress(local), port), peer: AddressPort(peer))
            let line = reply.line
            _ = apus_send_datagram(descriptor, line, line.count, &peer, &local)
        }
    }
}
