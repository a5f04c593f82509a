import NetTypes
import ProxyCore
import Synchronization

/// A frontend by what a redirected packet says of it; node ports have the unspecified address.
struct RouteKey: Hashable, Sendable {
    let proto: TransportProtocol
    let address: AddressPort

    init(_ proto: TransportProtocol, _ address: AddressPort) {
        self.proto = proto
        self.address = address
    }

    init(_ port: ServicePortName, _ frontend: Frontend) {
        self.init(port.proto, AddressPort(frontend.address.ip ?? .unspecified(port.family), frontend.port))
    }
}

/// Where connections to one frontend go. A changed frontend is a new route; connections keep the one they began with.
final class Route: Sendable {
    let inside: EndpointPick
    let outside: EndpointPick
    /// Seconds; nil without ClientIP affinity.
    let affinityTimeout: UInt32?
    let maxConnections: UInt32?
    let proxyProtocol: ProxyProtocolVersion?
    /// Endpoints on this node, where these shall see their clients: answers of others would not come back here.
    private let seeingClients: Set<IPAddress>
    let service: ServiceMemory
    private let turn: Atomic<UInt32>

    init(_ port: ServicePort, _ frontend: Frontend, _ service: ServiceMemory, after old: Route?) {
        inside = EndpointPick(port.endpoints(frontend, isInside: true), port.balanceHere)
        outside = EndpointPick(port.endpoints(frontend, isInside: false), port.balanceHere)
        affinityTimeout = port.affinityTimeout
        let tuning = port.userspace
        maxConnections = tuning?.maxConnections
        proxyProtocol = tuning?.proxyProtocol
        seeingClients = port.keepsClients ? Set(port.hairpinAddresses) : []
        self.service = service
        turn = Atomic(old?.turn.load(ordering: .relaxed) ?? 0)
    }

    /// The endpoint for a new connection; `tried` has refused it. `now` in seconds of any clock that does not go back.
    /// `release` or `refused` must follow for each endpoint that is chosen.
    func choose(_ source: AddressPort, isInside: Bool, random: UInt32, now: Int, tried: AddressPort?) -> AddressPort? {
        let turn = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return service.choose(
            isInside ? inside : outside, .init(source: source, turn: turn, random: random), affinityTimeout,
            isInside: isInside, now: now, tried: tried)
    }

    func refused(_ endpoint: AddressPort, now: Int) {
        service.refused(endpoint, now: now)
        release(endpoint)
    }

    /// A connection to the endpoint is over.
    func release(_ endpoint: AddressPort) {
        if inside.algorithm == .leastConnections { service.release(endpoint) }
    }

    /// An endpoint does not accept connections that seem to come from itself.
    func showsClient(_ client: IPAddress, to endpoint: AddressPort) -> Bool {
        client != endpoint.address && seeingClients.contains(endpoint.address)
    }

    func serves(_ endpoint: AddressPort, isInside: Bool) -> Bool {
        (isInside ? inside : outside).set.endpoints.contains(endpoint)
    }
}

extension ServicePort {
    /// As upstream's userspace mode did: in turn, unless the Service asks for something.
    var balanceHere: BalanceAlgorithm { choosesBalance || balance != .random ? balance : .roundRobin }
}

/// What the proxy remembers of a service port while it is there: clients, endpoints that refused, counters.
final class ServiceMemory: Sendable {
    private struct State {
        var clients: [Client: (endpoint: AddressPort, expires: Int)] = [:]
        var sweepAt = 1024
        var aside: [AddressPort: (until: Int, failures: Int)] = [:]
        /// Connections of each endpoint, where the fewest count.
        var open: [AddressPort: Int] = [:]
        /// Endpoints that fail active checks.
        var unhealthy: Set<AddressPort> = []
        /// How many endpoints are checked.
        var checked = 0
    }

    private struct Client: Hashable {
        let address: IPAddress
        let isInside: Bool
    }

    private let state = Mutex(State())
    let counters = ServiceCounters()

    func choose(
        _ pick: EndpointPick, _ client: EndpointPick.Client, _ timeout: UInt32?, isInside: Bool, now: Int,
        tried: AddressPort?
    ) -> AddressPort? {
        state.withLock { state in
            let endpoint = Self.choose(&state, pick, client, timeout, isInside, now, tried)
            if let endpoint, pick.algorithm == .leastConnections { state.open[endpoint, default: 0] += 1 }
            return endpoint
        }
    }

    private static func choose(
        _ state: inout State, _ pick: EndpointPick, _ client: EndpointPick.Client, _ timeout: UInt32?,
        _ isInside: Bool, _ now: Int, _ tried: AddressPort?
    ) -> AddressPort? {
        let aside = state.aside
        let open = state.open
        let unhealthy = state.unhealthy
        func isUsable(_ endpoint: AddressPort) -> Bool {
            endpoint != tried && (unhealthy.isEmpty || !unhealthy.contains(endpoint))
                && (aside.isEmpty || (aside[endpoint]?.until ?? 0) <= now)
        }
        func fresh() -> AddressPort? {
            pick.choose(client, load: { open[$0] ?? 0 }, isUsable).map { pick.set.endpoints[$0] }
        }
        guard let timeout else { return fresh() }
        let key = Client(address: client.source.address, isInside: isInside)
        if let known = state.clients[key], known.expires > now, isUsable(known.endpoint),
            pick.set.endpoints.contains(known.endpoint)
        {
            state.clients[key] = (known.endpoint, now + Int(timeout))
            return known.endpoint
        }
        guard let endpoint = fresh() else { return nil }
        state.clients[key] = (endpoint, now + Int(timeout))
        if state.clients.count > state.sweepAt {
            state.clients = state.clients.filter { $0.value.expires > now }
            state.sweepAt = max(1024, state.clients.count * 2)
        }
        return endpoint
    }

    func release(_ endpoint: AddressPort) {
        state.withLock { state in
            let left = (state.open[endpoint] ?? 1) - 1
            state.open[endpoint] = left > 0 ? left : nil
        }
    }

    /// An endpoint that refuses gets no new connections for 1 s, doubling to 64 s while it goes on refusing.
    func refused(_ endpoint: AddressPort, now: Int) {
        state.withLock { state in
            let failures = (state.aside[endpoint]?.failures ?? 0) + 1
            state.aside[endpoint] = (now + 1 << min(failures - 1, 6), failures)
        }
    }

    /// Costs a lock only for endpoints that refused before.
    func accepted(_ endpoint: AddressPort) {
        state.withLock { state in
            if !state.aside.isEmpty { state.aside[endpoint] = nil }
        }
    }

    // MARK: Active checks

    func setHealth(_ endpoint: AddressPort, isHealthy: Bool) {
        state.withLock { state in
            if isHealthy { state.unhealthy.remove(endpoint) } else { state.unhealthy.insert(endpoint) }
        }
    }

    func setChecked(_ count: Int) { state.withLock { $0.checked = count } }

    /// Endpoints that are checked, and those of them that fail.
    var health: (checked: Int, unhealthy: Int) { state.withLock { ($0.checked, $0.unhealthy.count) } }

    /// Client addresses with the endpoints that they are bound to.
    func affinity(of source: IPAddress?) -> [String] {
        state.withLock { state in
            state.clients.filter { source == nil || $0.key.address == source }
                .map { "\($0.key.address) → \($0.value.endpoint)" }.sorted()
        }
    }
}

/// The routes that all event loops look connections up in.
final class RouteTable: Sendable {
    private let routes = Mutex<[RouteKey: Route]>([:])
    let totals: ProxyTotals

    init(totals: ProxyTotals = ProxyTotals()) { self.totals = totals }

    func route(_ key: RouteKey) -> Route? { routes.withLock { $0[key] } }

    /// The route to an original destination: of a service address, or else of a node port.
    func route(to destination: AddressPort, _ proto: TransportProtocol) -> Route? {
        entry(to: destination, proto)?.route
    }

    /// The same with what it is found by.
    func entry(to destination: AddressPort, _ proto: TransportProtocol) -> (key: RouteKey, route: Route)? {
        let service = RouteKey(proto, destination)
        let nodePort = RouteKey(proto, AddressPort(.unspecified(destination.address.family), destination.port))
        return routes.withLock { routes in
            if let route = routes[service] { return (service, route) }
            return routes[nodePort].map { (nodePort, $0) }
        }
    }

    func set(_ key: RouteKey, _ route: Route) { routes.withLock { $0[key] = route } }

    /// Unless another has taken its place; false then.
    @discardableResult
    func remove(_ key: RouteKey, _ route: Route) -> Bool {
        routes.withLock { routes in
            guard routes[key] === route else { return false }
            routes[key] = nil
            return true
        }
    }
}
