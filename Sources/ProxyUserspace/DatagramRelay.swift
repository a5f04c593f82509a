import CLinux
import Glibc
import NetTypes

/// UDP: sockets that clients' first datagrams come to, and a session for each client.
struct DatagramRelay {
    private let epoll: CInt
    private let routes: RouteTable
    /// Seconds without a datagram in either direction.
    private let timeout: Int
    private var listeners: [CInt: Listener] = [:]
    private var sessions: [DatagramSession?] = []
    private var free: [Int] = []
    private var index: [DatagramSession.Key: Int] = [:]
    private var random = SystemRandomNumberGenerator()
    /// Datagrams that a socket may hand over before others have their turn: the kernel tells of the rest again.
    static let budget = 64

    private enum Listener {
        /// A frontend's own: the kernel does not say where redirected datagrams were going.
        case redirected(RouteKey, isInside: Bool)
        /// Every frontend's whose endpoints see their clients: datagrams come as they were sent.
        case intercepted(IPFamily, isInside: Bool)
    }

    /// A client's first datagram.
    private struct Arrival {
        let key: DatagramSession.Key
        let frontend: RouteKey
        let route: Route
        let isInside: Bool
        /// nil: intercepted.
        var redirected: (peer: sockaddr_in6, local: in6_addr)?
    }

    init(epoll: CInt, routes: RouteTable, timeout: Int) {
        self.epoll = epoll
        self.routes = routes
        self.timeout = timeout
    }

    // MARK: Listening

    mutating func add(_ fd: CInt, _ key: RouteKey, isInside: Bool) { add(fd, .redirected(key, isInside: isInside)) }

    /// `fd` is transparent.
    mutating func add(_ fd: CInt, _ family: IPFamily, isInside: Bool) {
        add(fd, .intercepted(family, isInside: isInside))
    }

    private mutating func add(_ fd: CInt, _ listener: Listener) {
        listeners[fd] = listener
        apus_watch_level(epoll, fd, EPOLLIN.rawValue, Token(.datagrams, Int(fd)).rawValue)
    }

    mutating func remove(_ fd: CInt) {
        listeners[fd] = nil
        for position in sessions.indices where sessions[position]?.key.listener == fd { end(position) }
        close(fd)
    }

    /// Their clients' next datagrams go elsewhere.
    mutating func leaveGoneEndpoints(of key: RouteKey) {
        let route = routes.route(key)
        for position in sessions.indices {
            guard let session = sessions[position], session.frontend == key,
                route?.serves(session.endpoint, isInside: session.isInside) != true
            else { continue }
            end(position)
        }
    }

    // MARK: From clients

    mutating func receive(from number: Int, _ buffer: UnsafeMutablePointer<UInt8>, _ now: Int) {
        let fd = CInt(number)
        switch listeners[fd] {
        case nil: return
        case .redirected(let key, let isInside): receive(fd, key, isInside: isInside, buffer, now)
        case .intercepted(let family, let isInside): receive(fd, family, isInside: isInside, buffer, now)
        }
    }

    private mutating func receive(
        _ fd: CInt, _ frontend: RouteKey, isInside: Bool, _ buffer: UnsafeMutablePointer<UInt8>, _ now: Int
    ) {
        var peer = sockaddr_in6()
        var local = in6_addr()
        for _ in 0..<Self.budget {
            guard
                let count = Self.attempt({
                    apus_receive_datagram(fd, buffer, Stream.Resources.bufferSize, &peer, &local)
                })
            else { return }
            let key = DatagramSession.Key(listener: fd, peer: AddressPort(peer))
            if let position = index[key] {
                toEndpoint(position, buffer, count, now)
            } else if let route = routes.route(frontend) {
                let arrival = Arrival(
                    key: key, frontend: frontend, route: route, isInside: isInside, redirected: (peer, local))
                if let position = begin(arrival, now) { toEndpoint(position, buffer, count, now) }
            }
        }
    }

    /// Only first datagrams, and what else came before their session had its socket.
    private mutating func receive(
        _ fd: CInt, _ family: IPFamily, isInside: Bool, _ buffer: UnsafeMutablePointer<UInt8>, _ now: Int
    ) {
        var peer = sockaddr_storage()
        var target = sockaddr_storage()
        for _ in 0..<Self.budget {
            guard
                let count = Self.attempt({
                    apus_receive_intercepted(fd, buffer, Stream.Resources.bufferSize, &peer, &target)
                })
            else { return }
            guard target.ss_family != 0 else { continue }
            let destination = AddressPort(target)
            let key = DatagramSession.Key(listener: fd, peer: AddressPort(peer), destination: destination)
            if let position = index[key] {
                toEndpoint(position, buffer, count, now)
            } else if let (frontend, route) = routes.entry(to: destination, .udp) {
                let arrival = Arrival(key: key, frontend: frontend, route: route, isInside: isInside)
                if let position = begin(arrival, now) { toEndpoint(position, buffer, count, now) }
            }
        }
    }

    /// The length of a datagram; nil when none waits. What earlier ones met is no matter of the next.
    private static func attempt(_ receive: () -> Int) -> Int? {
        while true {
            let count = receive()
            if count >= 0 { return count }
            if errno != EINTR, errno != ECONNREFUSED, errno != EHOSTUNREACH { return nil }
        }
    }

    private mutating func toEndpoint(
        _ position: Int, _ buffer: UnsafeMutablePointer<UInt8>, _ count: Int, _ now: Int
    ) {
        sessions[position]?.lastActive = now
        guard let session = sessions[position] else { return }
        session.route.service.counters.bytesToEndpoints.add(UInt64(count), ordering: .relaxed)
        // The refusal of an earlier datagram comes with this one's sending.
        if send(session.socket, buffer, count, CInt(MSG_NOSIGNAL)) < 0, errno == ECONNREFUSED {
            _ = send(session.socket, buffer, count, CInt(MSG_NOSIGNAL))
        }
    }

    // MARK: Sessions

    private mutating func begin(_ arrival: Arrival, _ now: Int) -> Int? {
        let client = arrival.key.peer
        guard
            let endpoint = arrival.route.choose(
                client, isInside: arrival.isInside, random: random.next(), now: now, tried: nil)
        else { return nil }
        let showsClient = arrival.redirected == nil && arrival.route.showsClient(client.address, to: endpoint)
        guard let socket = connect(endpoint, showing: showsClient ? client.address : nil, now) else {
            arrival.route.release(endpoint)
            return nil
        }
        guard let wayBack = wayBack(arrival, now) else {
            close(socket)
            arrival.route.release(endpoint)
            return nil
        }
        let session = DatagramSession(
            key: arrival.key, frontend: arrival.frontend, isInside: arrival.isInside, client: wayBack, socket: socket,
            endpoint: endpoint, route: arrival.route, lastActive: now)
        let position = free.popLast() ?? sessions.count
        if position == sessions.count { sessions.append(session) } else { sessions[position] = session }
        index[arrival.key] = position
        arrival.route.service.counters.connections.add(1, ordering: .relaxed)
        apus_watch_level(epoll, socket, EPOLLIN.rawValue, Token(.session, position).rawValue)
        if let fd = session.ownClientSocket {
            routes.totals.countTransparent(client.address.family, 1)
            apus_watch_level(epoll, fd, EPOLLIN.rawValue, Token(.sessionClient, position).rawValue)
        }
        return position
    }

    private func connect(_ endpoint: AddressPort, showing client: IPAddress?, _ now: Int) -> CInt? {
        switch RelaySocket.connect(endpoint, .udp, from: client) {
        case .begun(let socket): return socket
        case .refused: return nil
        case .lacking(let code):
            routes.totals.lacks(code, now: now)
            return nil
        }
    }

    private func wayBack(_ arrival: Arrival, _ now: Int) -> DatagramSession.Client? {
        if let (peer, local) = arrival.redirected { return .redirected(peer: peer, local: local) }
        guard let destination = arrival.key.destination else { return nil }
        do throws(UserspaceError) {
            return .intercepted(try RelaySocket.answer(arrival.key.peer, from: destination))
        } catch {
            if RelaySocket.isShortage(error.code) { routes.totals.lacks(error.code, now: now) }
            return nil
        }
    }

    /// Later datagrams of a client that has a socket of its own.
    mutating func ask(_ position: Int, _ buffer: UnsafeMutablePointer<UInt8>, _ now: Int) {
        guard sessions.indices.contains(position), let fd = sessions[position]?.ownClientSocket else { return }
        for _ in 0..<Self.budget {
            guard let count = Self.attempt({ recv(fd, buffer, Stream.Resources.bufferSize, 0) }) else { return }
            toEndpoint(position, buffer, count, now)
        }
    }

    /// What endpoints say.
    mutating func answer(_ position: Int, _ buffer: UnsafeMutablePointer<UInt8>, _ now: Int) {
        guard sessions.indices.contains(position), let session = sessions[position] else { return }
        for _ in 0..<Self.budget {
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
            toClient(session, buffer, count)
        }
    }

    private func toClient(_ session: DatagramSession, _ buffer: UnsafeMutablePointer<UInt8>, _ count: Int) {
        session.route.service.counters.bytesToClients.add(UInt64(count), ordering: .relaxed)
        switch session.client {
        case .redirected(var peer, var local):
            _ = apus_send_datagram(session.key.listener, buffer, count, &peer, &local)
        case .intercepted(let fd):
            if send(fd, buffer, count, CInt(MSG_NOSIGNAL)) < 0, errno == ECONNREFUSED {
                _ = send(fd, buffer, count, CInt(MSG_NOSIGNAL))
            }
        }
    }

    // MARK: Ending

    mutating func sweep(_ now: Int) {
        for position in sessions.indices {
            if let session = sessions[position], now - session.lastActive >= timeout { end(position) }
        }
    }

    mutating func closeAll() {
        for position in sessions.indices { end(position) }
        for fd in listeners.keys { close(fd) }
        listeners = [:]
    }

    private mutating func end(_ position: Int) {
        guard let session = sessions[position] else { return }
        close(session.socket)
        if let fd = session.ownClientSocket {
            close(fd)
            routes.totals.countTransparent(session.key.peer.address.family, -1)
        }
        session.route.release(session.endpoint)
        index[session.key] = nil
        sessions[position] = nil
        free.append(position)
    }
}
