import CLinux
import Glibc
import NetTypes
import ProxyCore
import Synchronization

/// One thread's share of the proxy: waits for sockets with epoll, edge-triggered but for UDP, and moves what comes.
///
/// Connections live in a slab and are told by index; an event allocates nothing. Everything but `send` belongs to the
/// loop's own thread.
final class EventLoop {
    private let epoll: CInt
    private let mailbox: LoopMailbox
    private let routes: RouteTable
    private let settings: UserspaceSettings
    private var resources: Stream.Resources
    private var slab = Slab()
    private var listeners: [CInt: Listener] = [:]
    /// Listeners with clients that could not be accepted for lack of descriptors: no event tells of them again.
    private var starved: Set<CInt> = []
    /// Connections that lack a descriptor for their endpoint. While there is one, no client is accepted.
    private var waiting: [Int] = []
    private var datagrams: DatagramRelay
    /// Streams with more to do although no event will come.
    private var again: [(index: Int, isUp: Bool)] = []
    private var random = FastRandom()
    /// Clients with descriptors from here on are refused: the table is nearly full.
    private let ceiling: CInt
    private var now = 0
    private var lastSweep = 0
    private var isRunning = true

    struct Listener: Sendable {
        let family: IPFamily
        let isInside: Bool
        /// Packets come to it as the client sent them.
        var isTransparent = false
    }

    init(
        _ mailbox: LoopMailbox, _ routes: RouteTable, _ settings: UserspaceSettings, tableSize: Int
    ) throws(UserspaceError) {
        ceiling = CInt(clamping: tableSize - DescriptorLimit.reserve)
        resources = Stream.Resources(ceiling: ceiling)
        epoll = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw .last("make an epoll") }
        self.mailbox = mailbox
        self.routes = routes
        self.settings = settings
        datagrams = DatagramRelay(epoll: epoll, routes: routes, timeout: settings.udpTimeout)
        apus_watch(epoll, mailbox.wakeUp, EPOLLIN.rawValue, Token(.wake, 0).rawValue)
    }

    // MARK: Running

    func run() {
        let capacity = 256
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: capacity)
        defer { events.deallocate() }
        while isRunning {
            let count = epoll_wait(epoll, events, CInt(capacity), again.isEmpty ? 1000 : 0)
            now = Self.seconds()
            let unfinished = again
            again.removeAll(keepingCapacity: true)
            for position in 0..<Int(max(0, count)) {
                handle(Token(rawValue: events[position].data.u64), events[position].events)
            }
            for stream in unfinished { resume(stream.index, isUp: stream.isUp) }
            slab.reclaim()
            if !(starved.isEmpty && waiting.isEmpty) { serveStarved() }
            if now != lastSweep { sweep() }
        }
        finish()
    }

    private static func seconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return time.tv_sec
    }

    private static func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private func handle(_ token: Token, _ events: UInt32) {
        switch token.kind {
        case .wake: readMail()
        case .listener: accept(CInt(token.index))
        case .client: connection(token.index, isClient: true, events)
        case .server: connection(token.index, isClient: false, events)
        case .datagrams: datagrams.receive(from: token.index, resources.buffer, now)
        case .session: datagrams.answer(token.index, resources.buffer, now)
        case .sessionClient: datagrams.ask(token.index, resources.buffer, now)
        }
    }

    private func readMail() {
        for command in mailbox.take() {
            switch command {
            case .listen(let listener, let port, let answer):
                answer.give(Result { () throws(UserspaceError) in try listen(listener, port) })
            case .intercept(let listener, let port, let answer):
                answer.give(Result { () throws(UserspaceError) in try intercept(listener, port) })
            case .stopAccepting:
                for fd in listeners.keys { close(fd) }
                listeners = [:]
                starved = []
            case .serveDatagrams(let key, let isInside, let answer):
                answer.give(Result { () throws(UserspaceError) in try serveDatagrams(key, isInside: isInside) })
            case .stopDatagrams(let fd): datagrams.remove(fd)
            case .endpointsChanged(let key): datagrams.leaveGoneEndpoints(of: key)
            case .stop: isRunning = false
            }
        }
    }

    private func listen(_ listener: Listener, _ port: UInt16) throws(UserspaceError) -> UInt16 {
        let fd = try RelaySocket.listen(listener.family, port: port, isTransparent: listener.isTransparent)
        listeners[fd] = listener
        apus_watch(epoll, fd, EPOLLIN.rawValue, Token(.listener, Int(fd)).rawValue)
        return RelaySocket.port(fd)
    }

    private func intercept(_ listener: Listener, _ port: UInt16) throws(UserspaceError) -> UInt16 {
        let fd = try RelaySocket.intercept(listener.family, port: port)
        datagrams.add(fd, listener.family, isInside: listener.isInside)
        return RelaySocket.port(fd)
    }

    private func serveDatagrams(_ key: RouteKey, isInside: Bool) throws(UserspaceError) -> DatagramSocket {
        let fd = try RelaySocket.receive()
        datagrams.add(fd, key, isInside: isInside)
        return DatagramSocket(fd: fd, port: RelaySocket.port(fd))
    }

    private func finish() {
        for index in slab.used where slab[index].state != .free { reset(index) }
        for fd in listeners.keys { close(fd) }
        datagrams.closeAll()
        close(epoll)
    }

    // MARK: Opening

    private func accept(_ listener: CInt) {
        guard let kind = listeners[listener] else { return }
        var storage = sockaddr_storage()
        while true {
            guard waiting.isEmpty else {
                starved.insert(listener)
                return
            }
            let client = apus_accept_from(listener, &storage)
            guard client >= 0 else {
                if errno == ECONNABORTED || errno == EINTR { continue }
                if RelaySocket.isShortage(errno) {
                    starved.insert(listener)
                    routes.totals.lacks(errno, now: now)
                }
                return
            }
            open(client, AddressPort(storage), kind)
        }
    }

    /// Once in each round, after what ended in it: a round waits for events, a second at most.
    private func serveStarved() {
        let connections = waiting
        waiting = []
        for index in connections where slab[index].state == .waiting { connect(index) }
        let listeners = starved
        starved = []
        for listener in listeners { accept(listener) }
    }

    private func open(_ client: CInt, _ source: AddressPort, _ listener: Listener) {
        guard let destination = RelaySocket.originalDestination(client, listener.family),
            let route = routes.route(to: destination, .tcp)
        else { return RelaySocket.reset(client) }
        guard slab.count < settings.maxConnections, client < ceiling else {
            route.service.counters.failures.add(1, ordering: .relaxed)
            routes.totals.lacks(EMFILE, now: now)
            return RelaySocket.reset(client)
        }
        guard route.service.counters.admit(route.maxConnections) else { return RelaySocket.reset(client) }
        let index = slab.take()
        slab[index].client = client
        slab[index].source = source
        slab[index].isInside = listener.isInside
        slab[index].isTransparent = listener.isTransparent
        slab[index].route = route
        slab[index].attempts = 0
        slab[index].lastActive = now
        slab[index].endpoint = nil
        slab[index].tried = nil
        route.service.counters.connections.add(1, ordering: .relaxed)
        routes.totals.open.add(1, ordering: .relaxed)
        if listener.isTransparent { routes.totals.countTransparent(listener.family, 1) }
        connect(index)
    }

    /// Tries endpoints until one begins to answer; gives up after `settings.attempts`.
    private func connect(_ index: Int) {
        guard let route = slab[index].route else { return }
        while slab[index].attempts < settings.attempts {
            slab[index].attempts += 1
            if slab[index].attempts > 1 { route.service.counters.retries.add(1, ordering: .relaxed) }
            guard
                let endpoint = route.choose(
                    slab[index].source, isInside: slab[index].isInside, random: random.next(), now: now,
                    tried: slab[index].tried)
            else { break }
            slab[index].endpoint = endpoint
            slab[index].tried = endpoint
            slab[index].began = Self.nanoseconds()
            let client = slab[index].source.address
            let showsClient = slab[index].isTransparent && route.showsClient(client, to: endpoint)
            switch RelaySocket.connect(endpoint, .tcp, from: showsClient ? client : nil) {
            case .begun(let server):
                slab[index].server = server
                slab[index].state = .connecting
                slab[index].deadline = now + settings.connectTimeout
                watch(server, Token(.server, index))
                return
            case .refused: route.refused(endpoint, now: now)
            case .lacking(let code):
                route.release(endpoint)
                routes.totals.lacks(code, now: now)
                guard RelaySocket.isShortage(code) else { continue }
                slab[index].attempts -= 1
                slab[index].endpoint = nil
                slab[index].tried = nil
                slab[index].state = .waiting
                waiting.append(index)
                return
            }
        }
        slab[index].endpoint = nil
        route.service.counters.failures.add(1, ordering: .relaxed)
        slab[index].server = -1
        reset(index)
    }

    private func watch(_ fd: CInt, _ token: Token) {
        apus_watch(epoll, fd, EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue, token.rawValue)
    }

    private func connected(_ index: Int) {
        guard let route = slab[index].route else { return }
        let client = slab[index].client
        let server = slab[index].server
        if let version = route.proxyProtocol {
            guard let destination = RelaySocket.originalDestination(client, slab[index].source.address.family),
                RelaySocket.sendFirst(
                    server, ProxyHeader.bytes(version, from: slab[index].source, to: destination))
            else { return refused(index) }
        }
        slab[index].state = .open
        if let endpoint = slab[index].endpoint { route.service.accepted(endpoint) }
        route.service.counters.connected(after: Self.nanoseconds() - slab[index].began)
        slab[index].up = Stream()
        slab[index].up.from = client
        slab[index].up.to = server
        slab[index].down = Stream()
        slab[index].down.from = server
        slab[index].down.to = client
        // Only now: what the client does before can wait.
        watch(client, Token(.client, index))
    }

    private func refused(_ index: Int) {
        if let endpoint = slab[index].endpoint { slab[index].route?.refused(endpoint, now: now) }
        slab[index].tried = slab[index].endpoint
        slab[index].endpoint = nil
        close(slab[index].server)
        slab[index].server = -1
        connect(index)
    }

    // MARK: Moving

    private func connection(_ index: Int, isClient: Bool, _ events: UInt32) {
        let isFaulty = events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
        switch slab[index].state {
        case .free, .waiting: return
        case .connecting:
            if isFaulty { return refused(index) }
            guard events & EPOLLOUT.rawValue != 0 else { return }
            connected(index)
            guard slab[index].state == .open else { return }
            // The client has mostly asked by now. What a server says first came with the same event.
            resume(index, isUp: true)
            guard slab[index].state == .open, events & EPOLLIN.rawValue != 0 else { return }
        case .open: break
        }
        slab[index].lastActive = now
        // The last event of a socket: whatever is left must be read to the end.
        let isHungUp = isFaulty || events & EPOLLRDHUP.rawValue != 0
        if isHungUp {
            if isClient { slab[index].up.isHungUp = true } else { slab[index].down.isHungUp = true }
        }
        if isHungUp || events & EPOLLIN.rawValue != 0 { resume(index, isUp: isClient) }
        guard slab[index].state == .open, events & EPOLLOUT.rawValue != 0 else { return }
        if isClient ? slab[index].down.isBlocked : slab[index].up.isBlocked { resume(index, isUp: !isClient) }
    }

    private func resume(_ index: Int, isUp: Bool) {
        guard slab[index].state == .open else { return }
        let progress =
            isUp
            ? slab[index].up.pump(&resources, isLast: slab[index].down.isShut)
            : slab[index].down.pump(&resources, isLast: slab[index].up.isShut)
        switch progress {
        case .waiting: return
        case .more: again.append((index, isUp))
        case .broken: reset(index)
        case .ended:
            if slab[index].up.isShut, slab[index].down.isShut { close(index) }
        }
    }

    // MARK: Ending

    private func close(_ index: Int) {
        close(slab[index].client)
        close(slab[index].server)
        forget(index)
    }

    private func close(_ fd: CInt) { Glibc.close(fd) }

    /// Both peers learn that the connection broke.
    private func reset(_ index: Int) {
        RelaySocket.reset(slab[index].client)
        if slab[index].server >= 0 { RelaySocket.reset(slab[index].server) }
        forget(index)
    }

    private func forget(_ index: Int) {
        countBytes(index)
        if let route = slab[index].route {
            route.service.counters.open.subtract(1, ordering: .relaxed)
            if let endpoint = slab[index].endpoint { route.release(endpoint) }
            if slab[index].state == .open {
                route.service.counters.ended(after: Self.nanoseconds() - slab[index].began)
            }
        }
        routes.totals.open.subtract(1, ordering: .relaxed)
        if slab[index].isTransparent { routes.totals.countTransparent(slab[index].source.address.family, -1) }
        slab[index].up.release(&resources)
        slab[index].down.release(&resources)
        slab.release(index)
    }

    /// What came since the last time.
    private func countBytes(_ index: Int) {
        let up = slab[index].up.takeBytes()
        let down = slab[index].down.takeBytes()
        guard up | down != 0, let counters = slab[index].route?.service.counters else { return }
        counters.bytesToEndpoints.add(up, ordering: .relaxed)
        counters.bytesToClients.add(down, ordering: .relaxed)
    }

    /// Once a second: counts bytes, and ends connects and idle connections that took too long.
    private func sweep() {
        lastSweep = now
        for index in slab.used {
            switch slab[index].state {
            case .free, .waiting: continue
            case .connecting: if slab[index].deadline <= now { refused(index) }
            case .open:
                countBytes(index)
                if now - slab[index].lastActive >= settings.idleTimeout { reset(index) }
            }
        }
        datagrams.sweep(now)
    }
}

/// What an event is about: a kind and an index or descriptor.
struct Token {
    enum Kind: UInt64 { case wake, listener, client, server, datagrams, session, sessionClient }

    let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }
    init(_ kind: Kind, _ index: Int) { rawValue = kind.rawValue << 56 | UInt64(index) }

    var kind: Kind { Kind(rawValue: rawValue >> 56) ?? .wake }
    var index: Int { Int(rawValue & 0xffff_ffff) }
}

/// The connections of a loop in one block of memory that only grows. An index that was given back is taken again only
/// after the events of the same round: they may still name it.
struct Slab {
    struct Connection {
        enum State: UInt8 {
            case free, connecting, open
            /// For a descriptor to connect with.
            case waiting
        }
        var state = State.free
        var isInside = false
        var isTransparent = false
        var attempts = 0
        var client: CInt = -1
        var server: CInt = -1
        var source = AddressPort(IPAddress(high: 0, low: 0), 0)
        /// The endpoint that is connected to, or is to be.
        var endpoint: AddressPort?
        /// The one that was tried last.
        var tried: AddressPort?
        /// Nanoseconds of the monotonic clock, when the connect to `endpoint` began.
        var began: UInt64 = 0
        var route: Route?
        var up = Stream()
        var down = Stream()
        /// Seconds of the loop's clock.
        var deadline = 0
        var lastActive = 0
    }

    private var connections: UnsafeMutablePointer<Connection>
    private var capacity = 1024
    private var end = 0
    private var free: [Int] = []
    private var released: [Int] = []
    private(set) var count = 0

    init() { connections = .allocate(capacity: capacity) }

    /// Indices that were ever taken.
    var used: Range<Int> { 0..<end }

    subscript(index: Int) -> Connection {
        unsafeAddress { UnsafePointer(connections + index) }
        nonmutating unsafeMutableAddress { connections + index }
    }

    mutating func take() -> Int {
        count += 1
        if let index = free.popLast() { return index }
        if end == capacity {
            let larger = UnsafeMutablePointer<Connection>.allocate(capacity: capacity * 2)
            larger.moveInitialize(from: connections, count: end)
            connections.deallocate()
            connections = larger
            capacity *= 2
        }
        (connections + end).initialize(to: Connection())
        end += 1
        return end - 1
    }

    mutating func release(_ index: Int) {
        connections[index] = Connection()
        released.append(index)
        count -= 1
    }

    /// To be called between rounds.
    mutating func reclaim() {
        free += released
        released.removeAll(keepingCapacity: true)
    }
}
