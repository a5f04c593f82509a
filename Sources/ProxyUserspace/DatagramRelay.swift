import CLinux
import Glibc
import NetTypes

/// UDP: each client of a frontend has a session with a socket of its own, connected to one endpoint.
struct DatagramRelay {
    private let epoll: CInt
    private let routes: RouteTable
    /// Seconds without a datagram in either direction.
    private let timeout: Int
    private var frontends: [CInt: Frontend] = [:]
    private var sessions: [Session?] = []
    private var free: [Int] = []
    private var index: [SessionKey: Int] = [:]
    private var random = SystemRandomNumberGenerator()

    private struct Frontend {
        let key: RouteKey
        let isInside: Bool
    }

    private struct SessionKey: Hashable {
        let frontend: CInt
        let peer: AddressPort
    }

    private struct Session {
        let key: SessionKey
        let socket: CInt
        let peer: sockaddr_in6
        /// The address that the client's datagrams arrive at; answers must come from it.
        let local: in6_addr
        let endpoint: AddressPort
        let route: Route
        var lastActive: Int
    }

    init(epoll: CInt, routes: RouteTable, timeout: Int) {
        self.epoll = epoll
        self.routes = routes
        self.timeout = timeout
    }

    mutating func add(_ fd: CInt, _ key: RouteKey, isInside: Bool) {
        frontends[fd] = Frontend(key: key, isInside: isInside)
        apus_watch(epoll, fd, EPOLLIN.rawValue, Token(.datagrams, Int(fd)).rawValue)
    }

    mutating func remove(_ fd: CInt) {
        frontends[fd] = nil
        for position in sessions.indices where sessions[position]?.key.frontend == fd { end(position) }
        close(fd)
    }

    /// Their clients' next datagrams go elsewhere.
    mutating func leaveGoneEndpoints(of key: RouteKey) {
        let route = routes.route(key)
        for position in sessions.indices {
            guard let session = sessions[position], let frontend = frontends[session.key.frontend],
                frontend.key == key, route?.serves(session.endpoint, isInside: frontend.isInside) != true
            else { continue }
            end(position)
        }
    }

    mutating func receive(from number: Int, _ buffer: UnsafeMutablePointer<UInt8>, _ now: Int) {
        let fd = CInt(number)
        guard let frontend = frontends[fd] else { return }
        var peer = sockaddr_in6()
        var local = in6_addr()
        while true {
            let count = apus_receive_datagram(fd, buffer, Stream.Resources.bufferSize, &peer, &local)
            guard count >= 0 else {
                if errno == EINTR || errno == ECONNREFUSED { continue }
                return
            }
            let key = SessionKey(frontend: fd, peer: AddressPort(peer))
            guard let position = index[key] ?? begin(key, frontend, peer, local, now) else { continue }
            sessions[position]?.lastActive = now
            guard let session = sessions[position] else { continue }
            // The refusal of an earlier datagram comes with this one's sending.
            if send(session.socket, buffer, count, CInt(MSG_NOSIGNAL)) < 0, errno == ECONNREFUSED {
                _ = send(session.socket, buffer, count, CInt(MSG_NOSIGNAL))
            }
        }
    }

    private mutating func begin(
        _ key: SessionKey, _ frontend: Frontend, _ peer: sockaddr_in6, _ local: in6_addr, _ now: Int
    ) -> Int? {
        guard let route = routes.route(frontend.key),
            let endpoint = route.choose(
                key.peer, isInside: frontend.isInside, random: random.next(), now: now, tried: nil)
        else { return nil }
        guard case .begun(let socket) = RelaySocket.connect(endpoint, .udp) else {
            route.release(endpoint)
            return nil
        }
        let session = Session(
            key: key, socket: socket, peer: peer, local: local, endpoint: endpoint, route: route, lastActive: now)
        let position = free.popLast() ?? sessions.count
        if position == sessions.count { sessions.append(session) } else { sessions[position] = session }
        index[key] = position
        route.service.counters.connections.add(1, ordering: .relaxed)
        apus_watch(epoll, socket, EPOLLIN.rawValue, Token(.session, position).rawValue)
        return position
    }

    mutating func answer(_ position: Int, _ buffer: UnsafeMutablePointer<UInt8>, _ now: Int) {
        guard sessions.indices.contains(position), let session = sessions[position] else { return }
        var peer = session.peer
        var local = session.local
        while true {
            let count = recv(session.socket, buffer, Stream.Resources.bufferSize, 0)
            guard count >= 0 else {
                if errno == EINTR { continue }
                if errno == ECONNREFUSED {
                    session.route.service.refused(session.endpoint, now: now)
                    end(position)
                }
                return
            }
            sessions[position]?.lastActive = now
            _ = apus_send_datagram(session.key.frontend, buffer, count, &peer, &local)
        }
    }

    mutating func sweep(_ now: Int) {
        for position in sessions.indices {
            if let session = sessions[position], now - session.lastActive >= timeout { end(position) }
        }
    }

    mutating func closeAll() {
        for position in sessions.indices { end(position) }
        for fd in frontends.keys { close(fd) }
        frontends = [:]
    }

    private mutating func end(_ position: Int) {
        guard let session = sessions[position] else { return }
        close(session.socket)
        session.route.release(session.endpoint)
        index[session.key] = nil
        sessions[position] = nil
        free.append(position)
    }
}
