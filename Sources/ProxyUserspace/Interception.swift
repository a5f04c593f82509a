import Nftables
import NetTypes
import ProxyCore

/// Has clients' packets come to the proxy as they were sent, so that endpoints can see their clients: what of that the
/// mode has begun in one family, and what of it must outlive the mode.
struct Interception: ~Copyable {
    private enum State {
        /// No Service has asked yet.
        case unused
        /// The kernel lacks something for it.
        case impossible
        /// Until `end`, so that connections are served to their end.
        case ready(InterceptPorts)
    }

    private let family: IPFamily
    private let engine: UserspaceEngine
    private var state = State.unused
    private var routing: InterceptRouting?
    /// After `end`: since when no intercepted connection is open.
    private var quietSince: ContinuousClock.Instant?

    init(_ family: IPFamily, _ engine: UserspaceEngine) {
        self.family = family
        self.engine = engine
    }

    /// The proxy's ports that packets are to be given to; nil where there is no interception.
    var ports: InterceptPorts? { if case .ready(let ports) = state { ports } else { nil } }

    /// A Service asks. What is missing is said once, and the Service is served without.
    mutating func begin(_ session: inout NftablesSession) {
        guard case .unused = state else { return }
        do {
            try session.check(Transaction(TableID(family, "apus-probe"), probe))
            state = .ready(try engine.intercept(family))
        } catch {
            state = .impossible
            engine.tell(
                "endpoints cannot see \(family) clients (apus.dev/preserve-client-ip): it takes CONFIG_NFT_TPROXY, "
                    + "CONFIG_NFT_SOCKET and CAP_NET_ADMIN (\(error)); they see the node")
        }
    }

    private var probe: [Nftables.Operation] {
        let ports = RelayPorts(inside: 1, outside: 2)
        let chains = UserspaceSkeleton(
            family: family, node: NodeFacts(name: ""), transparent: InterceptPorts(tcp: ports, udp: ports)
        ).chains
        return [.addTable(comment: "")] + UserspaceLayout.sets.map { .addSet($0) } + chains.map { .addChain($0) }
            + chains.map { .addRules(chain: $0.name, $0.rules) }
    }

    /// The mode is in force. What it left open when another took its place is served on.
    mutating func resume(_ session: inout NftablesSession) {
        quietSince = nil
        if engine.interceptedConnections(family) > 0 { begin(&session) }
    }

    // MARK: Routing

    /// Has intercepted packets delivered here; nothing is left of that when there are none. How much was changed.
    mutating func route(_ notifications: borrowing NotificationSet) throws -> Int {
        guard ports != nil || quietSince != nil else {
            try unroute()
            return 0
        }
        if routing == nil {
            let routing = try InterceptRouting(family)
            try notifications.add(routing.notifications)
            self.routing = consume routing
        }
        return try routing?.install() ?? 0
    }

    private mutating func unroute() throws {
        var routing = try routing.take() ?? InterceptRouting(family)
        try routing.remove()
    }

    /// False when others have changed the routing. Never waits.
    mutating func isIntact() throws -> Bool { try routing?.isIntact() ?? true }

    // MARK: The mode's end

    /// Takes new connections no longer. What takes the table's place: nothing, or what open ones need until `tend` is
    /// done. `route` must follow.
    mutating func end() -> [Nftables.Operation] {
        let wasReady = ports != nil
        if wasReady { engine.stopIntercepting(family) }
        state = .unused
        guard wasReady || engine.interceptedConnections(family) > 0 else { return [] }
        quietSince = .now
        return UserspaceSkeleton.drain
    }

    /// Looks once a second whether intercepted connections are still open, and removes what they needed when they are
    /// over; returns when to look again.
    mutating func tend(_ session: inout NftablesSession, _ table: TableID) throws -> Duration? {
        // Where the mode has come back, the table and the routing are another backend's.
        guard let quietSince, !engine.isIntercepting(family) else { return nil }
        let second = Duration.seconds(1)
        if engine.interceptedConnections(family) > 0 {
            self.quietSince = .now
            _ = try routing?.install()
            return second
        }
        let left = ContinuousClock.now.duration(to: quietSince + .seconds(engine.lingerTime))
        if left > .zero { return min(left, second) }
        if try session.readTable(table)?.comment == UserspaceLayout.drainComment {
            try session.apply(Transaction(table, [.deleteTable]))
        }
        self.quietSince = nil
        try unroute()
        return nil
    }
}
