import CLinux
import Glibc
import NetTypes
import ProxyCore
import Synchronization
import Threads

/// What the proxy holds itself to.
public struct UserspaceSettings: Sendable, Hashable {
    /// Event loops; 0 means one for each processor, and more where 20,000 connections would not fit otherwise.
    public var threads = 0
    /// Endpoints that a new connection is tried with.
    public var attempts = 3
    /// Seconds.
    public var connectTimeout = 5
    /// Seconds without a byte in either direction.
    public var idleTimeout = 24 * 3600
    /// Seconds without a datagram in either direction.
    public var udpTimeout = 60
    /// Seconds that the routing of transparent connections stays after the mode's end and that of the last of them: the
    /// kernel may still have to deliver what was written last. Not less than its own patience with closed connections.
    public var lingerTime = 60
    /// Open connections of each loop; more are reset.
    public var maxConnections = 500_000

    public init() {}
}

/// The proxy itself: event loops on threads of their own, shared by the backends of both families.
///
/// Threads and sockets belong to the network namespace of the thread that first programs a backend.
public final class UserspaceEngine: Sendable {
    private let settings: UserspaceSettings
    private let running = Mutex(Running())
    let routes: RouteTable
    private let checker = HealthChecker()

    private struct Running {
        var loops: [(mailbox: LoopMailbox, thread: OwnThread)] = []
        /// Which loop gets the next UDP socket.
        var turn = 0
        var ports: [IPFamily: RelayPorts] = [:]
        var interceptPorts: [IPFamily: InterceptPorts] = [:]
        /// Families whose backend in force has packets intercepted.
        var intercepting: Set<IPFamily> = []
        var datagrams: [DatagramKey: DatagramListener] = [:]
        /// The ports of `datagrams`.
        var datagramPorts: Set<UInt16> = []
        var services: [ServicePortName: ServiceMemory] = [:]
        var isAccepting = true
    }

    /// A UDP socket of a frontend. Where the mode is left and comes back at once, two backends use it.
    private struct DatagramListener {
        let loop: Int
        let socket: DatagramSocket
        var users = 1
    }

    /// `tell` gets sentences for the log, from any thread; one a minute at most.
    public init(
        _ settings: UserspaceSettings = UserspaceSettings(), tell: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.settings = settings
        routes = RouteTable(totals: ProxyTotals(tell: tell))
    }

    deinit { stop() }

    /// Seconds after which a UDP session without traffic ends.
    var udpTimeout: Int { settings.udpTimeout }
    var lingerTime: Int { settings.lingerTime }

    // MARK: Control

    /// New connections are refused from now on; open ones go on.
    public func stopAccepting() {
        running.withLock { running in
            running.isAccepting = false
            for loop in running.loops { loop.mailbox.send(.stopAccepting) }
        }
    }

    /// Waits until open TCP connections have ended, until `deadline` at most. True when none is left.
    public func drain(deadline: ContinuousClock.Instant) -> Bool {
        while openConnections > 0 {
            if ContinuousClock.now >= deadline { return false }
            usleep(20_000)
        }
        return true
    }

    /// Breaks what is open, and ends the threads.
    public func stop() {
        checker.stop()
        let loops = running.withLock { running in
            defer { running = Running() }
            return running.loops
        }
        for loop in loops { loop.mailbox.send(.stop) }
        for loop in loops { loop.thread.join() }
    }

    /// TCP connections, also those whose Service is gone.
    public var openConnections: Int { routes.totals.open.load(ordering: .relaxed) }

    /// Times that a socket could not be had: descriptors or ports were used up.
    public var shortages: UInt64 { routes.totals.shortages.load(ordering: .relaxed) }

    /// What each service port that is served has done.
    public var traffic: [ServiceTraffic] {
        running.withLock { $0.services }.map { ServiceTraffic($0.key, $0.value) }.sorted { $0.name < $1.name }
    }

    // MARK: For backends

    /// The TCP ports that a family's connections are redirected to; opens them at first.
    func ports(_ family: IPFamily) throws -> RelayPorts {
        try running.withLock { running in
            if running.loops.isEmpty { try start(&running) }
            if let ports = running.ports[family] { return ports }
            let ports = RelayPorts(
                inside: try listen(family, isInside: true, running.loops.map(\.mailbox)),
                outside: try listen(family, isInside: false, running.loops.map(\.mailbox)))
            running.ports[family] = ports
            return ports
        }
    }

    /// The ports that packets are given to as they come, from now until `stopIntercepting`.
    func intercept(_ family: IPFamily) throws -> InterceptPorts {
        try running.withLock { running in
            if running.loops.isEmpty { try start(&running) }
            running.intercepting.insert(family)
            if let ports = running.interceptPorts[family] { return ports }
            let loops = running.loops.map(\.mailbox)
            let tcp = RelayPorts(
                inside: try listen(family, isInside: true, isTransparent: true, loops),
                outside: try listen(family, isInside: false, isTransparent: true, loops))
            let udp = RelayPorts(
                inside: try listen(family, isInside: true, isTransparent: true, loops, .udp),
                outside: try listen(family, isInside: false, isTransparent: true, loops, .udp))
            let ports = InterceptPorts(tcp: tcp, udp: udp)
            running.interceptPorts[family] = ports
            return ports
        }
    }

    func stopIntercepting(_ family: IPFamily) { running.withLock { _ = $0.intercepting.remove(family) } }

    /// Some backend's packets are intercepted.
    func isIntercepting(_ family: IPFamily) -> Bool { running.withLock { $0.intercepting.contains(family) } }

    /// TCP connections and UDP sessions with clients whose packets were intercepted.
    func interceptedConnections(_ family: IPFamily) -> Int { routes.totals.transparent(family) }

    /// Says it in the log.
    func tell(_ sentence: String) { routes.totals.tell(sentence) }

    /// The port of a UDP socket for a frontend, which a loop owns until as many `stopDatagrams`.
    func serveDatagrams(_ key: DatagramKey) throws -> UInt16 {
        try running.withLock { running in
            if let known = running.datagrams[key] {
                running.datagrams[key]?.users += 1
                return known.socket.port
            }
            if running.loops.isEmpty { try start(&running) }
            running.turn = (running.turn + 1) % running.loops.count
            let answer = Answer<DatagramSocket>()
            running.loops[running.turn].mailbox.send(.serveDatagrams(key.frontend, isInside: key.isInside, answer))
            let socket = try answer.wait()
            running.datagrams[key] = DatagramListener(loop: running.turn, socket: socket)
            running.datagramPorts.insert(socket.port)
            return socket.port
        }
    }

    func stopDatagrams(_ key: DatagramKey) {
        running.withLock { running in
            guard let listener = running.datagrams[key] else { return }
            running.datagrams[key]?.users -= 1
            guard listener.users == 1 else { return }
            running.datagrams[key] = nil
            running.datagramPorts.remove(listener.socket.port)
            running.loops[listener.loop].mailbox.send(.stopDatagrams(listener.socket.fd))
        }
    }

    /// Redirected packets that arrive at the port come to the proxy.
    func answers(_ proto: TransportProtocol, at port: UInt16) -> Bool {
        running.withLock { running in
            switch proto {
            case .tcp: running.ports.values.contains { $0.inside == port || $0.outside == port }
            case .udp: running.datagramPorts.contains(port)
            case .sctp: false
            }
        }
    }

    func endpointsChanged(_ key: RouteKey) {
        running.withLock { running in for loop in running.loops { loop.mailbox.send(.endpointsChanged(key)) } }
    }

    func memory(of name: ServicePortName) -> ServiceMemory {
        running.withLock { running in
            if let memory = running.services[name] { return memory }
            let memory = ServiceMemory()
            running.services[name] = memory
            return memory
        }
    }

    /// Begins, changes or ends active checks, as the service port asks.
    func check(_ port: ServicePort) throws {
        guard let check = port.userspace?.healthCheck, port.name.proto == .tcp else {
            return try checker.check(port.name, nil)
        }
        try checker.check(
            port.name,
            HealthChecker.Subject(
                check: check, proxyProtocol: port.userspace?.proxyProtocol, endpoints: port.allEndpoints,
                memory: memory(of: port.name)))
    }

    func forget(_ name: ServicePortName) {
        try? checker.check(name, nil)
        running.withLock { $0.services[name] = nil }
    }

    // MARK: Starting

    private func start(_ running: inout Running) throws {
        let tableSize = DescriptorLimit.raise()
        let processors = max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
        let count =
            settings.threads > 0
            ? settings.threads : DescriptorLimit.loops(processors: processors, tableSize: tableSize)
        do {
            for _ in 0..<count {
                let start = LoopStart(try LoopMailbox(), routes, settings, tableSize: tableSize)
                let thread = try start.onThread()
                running.loops.append((start.mailbox, thread))
                try start.begun.wait()
            }
        } catch {
            for loop in running.loops { loop.mailbox.send(.stop) }
            for loop in running.loops { loop.thread.join() }
            running.loops = []
            throw error
        }
    }

    private func listen(
        _ family: IPFamily, isInside: Bool, isTransparent: Bool = false, _ loops: [LoopMailbox],
        _ proto: TransportProtocol = .tcp
    ) throws -> UInt16 {
        let listener = EventLoop.Listener(family: family, isInside: isInside, isTransparent: isTransparent)
        var port: UInt16 = 0
        for loop in loops {
            let answer = Answer<UInt16>()
            loop.send(
                proto == .udp ? .intercept(listener, port: port, answer) : .listen(listener, port: port, answer))
            port = try answer.wait()
        }
        return port
    }
}

/// What a UDP socket serves: a frontend, for one kind of clients.
struct DatagramKey: Hashable, Sendable {
    let frontend: RouteKey
    let isInside: Bool
}
