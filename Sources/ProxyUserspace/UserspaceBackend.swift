import Glibc
import NetTypes
import Nftables
import ProxyCore
import ServiceTables

/// The userspace mode in one family: a table that redirects Services' traffic to the proxy, and the proxy's routes.
public struct UserspaceBackend: ProxyBackend, ~Copyable {
    public let family: IPFamily
    private let engine: UserspaceEngine
    private let table: TableID
    private var session: NftablesSession
    private var monitor: NftablesMonitor
    private var node: NodeFacts?
    private var served: [ServicePortName: Served] = [:]
    /// After `cleanup`: when to stop serving what was redirected before.
    private var retiring: ContinuousClock.Instant?
    /// How many service ports have each cluster IP.
    private var clusterIPs: [IPAddress: Int] = [:]

    private var interception: Interception
    /// Others changed the table, and not only the routing.
    private var isTableDisturbed = false
    private let watched: NotificationSet

    /// What the table and the engine hold of a service port.
    private struct Served {
        let program: UserspaceProgram
        let frontends: [RouteKey: Serving]
        let isIntercepted: Bool
    }

    /// What serves a frontend. UDP has a socket behind its ports: one for both kinds of clients where they get the same.
    private struct Serving {
        let route: Route
        let ports: RelayPorts
        let datagrams: [DatagramKey]
    }

    public init(family: IPFamily, engine: UserspaceEngine, tableName: String = "kube-proxy-userspace") throws {
        let session = try NftablesSession()
        let monitor = try NftablesMonitor(ignoring: [session.portID])
        let watched = try NotificationSet()
        try watched.add(monitor.descriptor)
        self.watched = watched
        interception = Interception(family, engine)
        self.monitor = monitor
        self.session = session
        self.family = family
        self.engine = engine
        table = TableID(family, tableName)
    }

    // MARK: Programming

    public mutating func synchronise(_ ports: some Sequence<ServicePort>, node: NodeFacts) throws -> SyncReport {
        _ = monitor.drain()
        isTableDisturbed = false
        retiring = nil
        interception.resume(&session)
        let mine = ports.filter { $0.name.family == family }
        let names = Set(mine.map(\.name))
        for name in served.keys where !names.contains(name) { retire(name) }
        for port in mine { try serve(port) }
        self.node = nil
        let operations = try reconcile(node)
        self.node = node
        return SyncReport(operations: operations)
    }

    public mutating func apply(_ delta: ProxyDelta) throws -> SyncReport {
        guard let old = node else { throw UserspaceNotSynchronised() }
        node = nil
        var transaction = Transaction(table)
        let facts = delta.node?.new ?? old
        let before = skeleton(old)
        var gone: [ServicePortName] = []
        for change in delta.servicePorts where change.name?.family == family {
            guard let name = change.name else { continue }
            let old = served[name]?.program
            if let port = change.new { try serve(port) } else { gone.append(name) }
            transaction.change(from: old, to: change.new == nil ? nil : served[name]?.program, &clusterIPs)
        }
        let after = skeleton(facts)
        if delta.node != nil || before.transparent != after.transparent {
            replaceSkeleton(before, after, &transaction)
        }
        if after.transparent != before.transparent { _ = try interception.route(watched) }
        try session.apply(transaction)
        for name in gone { retire(name) }
        node = facts
        return SyncReport(operations: transaction.operations.count)
    }

    /// Takes new connections no longer. Those there are are served on: `tend` ends that when UDP sessions have had their
    /// time; open TCP connections go on to their end even then. What intercepted ones need of the kernel stays as long.
    public mutating func cleanup() throws {
        node = nil
        retiring = served.isEmpty ? nil : .now + .seconds(engine.udpTimeout)
        let drain = interception.end()
        _ = try interception.route(watched)
        let old: [Nftables.Operation] = try session.readTable(table) == nil ? [] : [.deleteTable]
        if !(old + drain).isEmpty { try session.apply(Transaction(table, old + drain)) }
    }

    public mutating func tend() throws -> Duration? {
        let flows = tendFlows()
        let intercepted = try interception.tend(&session, table)
        return [flows, intercepted].compactMap { $0 }.min()
    }

    public var carriesFlows: Bool { retiring != nil }

    public func answers(_ flow: TrackedFlow) -> Bool {
        flow.replySource.address.family == family && engine.answers(flow.proto, at: flow.replySource.port)
    }

    private mutating func tendFlows() -> Duration? {
        guard let retiring else { return nil }
        let left = ContinuousClock.now.duration(to: retiring)
        if left > .zero { return left }
        self.retiring = nil
        for name in Array(served.keys) { retire(name) }
        return nil
    }

    public mutating func missingFeatures() throws -> [String] {
        let probe = Chain("probe", rules: [Rule(.redirect(ServiceKey.service, map: "m"))])
        let map = SetSpec("m", key: ServiceKey.service, data: .selectors([.tcpDestinationPort]))
        do {
            try session.check(
                Transaction(
                    TableID(family, "apus-probe"),
                    [.addTable(comment: ""), .addSet(map), .addChain(probe), .addRules(chain: "probe", probe.rules)]))
            return []
        } catch {
            if error.code == EPERM { throw error }
            return ["the kernel cannot redirect to ports found in a map: enable CONFIG_NFT_REDIR (\(error))"]
        }
    }

    // MARK: Watching

    public var notifications: CInt? { watched.descriptor }

    public mutating func isIntact() throws -> Bool {
        let isTableIntact = monitor.drain().allSatisfy { change in
            switch change {
            case .element(let other, _, _), .chain(let other, _), .table(let other): other != table
            case .unknown: false
            }
        }
        if !isTableIntact { isTableDisturbed = true }
        let isRoutingIntact = try interception.isIntact()
        return isTableIntact && isRoutingIntact
    }

    public mutating func repair(_ state: ProxyState) throws -> SyncReport? {
        isTableDisturbed ? nil : SyncReport(operations: try interception.route(watched))
    }

    public mutating func audit(_ port: ServicePort, source: IPAddress?, node: NodeFacts) throws -> KernelAccount {
        let program = served[port.name]?.program
        let observed = try session.readTable(table)
        var missing: [String] = []
        var unexpected: [String] = []
        for (set, wanted) in program?.elements ?? [:] {
            let held = try elements(of: set, observed)
            for element in wanted.values where held[element.key] != element {
                missing.append(text(element, set))
                if let other = held[element.key] { unexpected.append(text(other, set)) }
            }
        }
        return KernelAccount(
            place: "table \(table) and the proxy", missing: missing.sorted(), unexpected: unexpected.sorted(),
            affinity: Array(engine.memory(of: port.name).affinity(of: source).prefix(10)))
    }

    private func text(_ element: SetElement, _ set: UserspaceLayout.SetName) -> String {
        Transaction(table, [.addElements(set: set.rawValue, [element])]).description(knowing: UserspaceLayout.sets)
            .split(separator: "\n").joined()
    }

    // MARK: The proxy's part

    /// Routes first: redirected packets must find them.
    private mutating func serve(_ port: ServicePort) throws {
        guard port.name.proto != .sctp else { return }
        let memory = engine.memory(of: port.name)
        let old = served[port.name]
        var frontends: [RouteKey: Serving] = [:]
        for frontend in port.frontends {
            let key = RouteKey(port.name, frontend)
            let route = Route(port, frontend, memory, after: engine.routes.route(key))
            engine.routes.set(key, route)
            frontends[key] = try serving(port, frontend, key, route, after: old?.frontends[key])
            if port.name.proto == .udp { engine.endpointsChanged(key) }
        }
        for (key, serving) in old?.frontends ?? [:] where frontends[key] == nil { close(key, serving) }
        try engine.check(port)
        if port.keepsClients { interception.begin(&session) }
        // A UDP flow that conntrack knows as it was sent cannot be redirected any more.
        let wasIntercepted = port.name.proto == .udp && old?.isIntercepted == true
        let isIntercepted = interception.ports != nil && (port.keepsClients || wasIntercepted)
        let program = UserspaceProgram(port, isIntercepted: isIntercepted) {
            frontends[RouteKey(port.name, $0)]?.ports
        }
        served[port.name] = Served(program: program, frontends: frontends, isIntercepted: isIntercepted)
    }

    private func serving(
        _ port: ServicePort, _ frontend: Frontend, _ key: RouteKey, _ route: Route, after old: Serving?
    ) throws -> Serving {
        guard port.name.proto == .udp else {
            return Serving(route: route, ports: try engine.ports(family), datagrams: [])
        }
        let isSplit = frontend.address.isExternal && port.externalPolicyIsLocal
        let datagrams = (isSplit ? [true, false] : [true]).map { DatagramKey(frontend: key, isInside: $0) }
        if let old, old.datagrams == datagrams { return Serving(route: route, ports: old.ports, datagrams: datagrams) }
        let ports = try datagrams.map { try engine.serveDatagrams($0) }
        for key in old?.datagrams ?? [] { engine.stopDatagrams(key) }
        return Serving(
            route: route, ports: RelayPorts(inside: ports[0], outside: ports[ports.count - 1]), datagrams: datagrams)
    }

    private func skeleton(_ node: NodeFacts) -> UserspaceSkeleton {
        UserspaceSkeleton(family: family, node: node, transparent: interception.ports)
    }

    private mutating func retire(_ name: ServicePortName) {
        let frontends = served.removeValue(forKey: name)?.frontends ?? [:]
        let isOver = frontends.map { close($0.key, $0.value) }.contains(true)
        // Unless the mode has come back and another backend serves it.
        if isOver || frontends.isEmpty { engine.forget(name) }
    }

    /// Open TCP connections go on to their end. False when another backend serves the frontend.
    @discardableResult
    private func close(_ key: RouteKey, _ serving: Serving) -> Bool {
        let isOver = engine.routes.remove(key, serving.route)
        for key in serving.datagrams { engine.stopDatagrams(key) }
        if isOver, key.proto == .udp { engine.endpointsChanged(key) }
        return isOver
    }

    // MARK: The kernel's part

    /// Makes the table equal to what is desired; returns how much was changed.
    private mutating func reconcile(_ node: NodeFacts) throws -> Int {
        clusterIPs = [:]
        var desired = Transaction(table)
        for served in served.values { desired.change(from: nil, to: served.program, &clusterIPs) }
        let skeleton = skeleton(node)
        let routed = try interception.route(watched)
        desired.add(.nodePortIPs, skeleton.nodePortElements)
        let chains = skeleton.chains + served.values.compactMap(\.program.firewall)
        let observed = try session.readTable(table)
        var transaction = Transaction(table)
        if let observed, Self.isOurs(observed, chains, table) {
            transaction = try difference(desired, observed)
        } else {
            transaction.operations = [.addTable(comment: "")]
            if observed != nil { transaction.operations.append(.deleteTable) }
            transaction.operations.append(.addTable(comment: UserspaceLayout.tableComment))
            transaction.operations += UserspaceLayout.sets.map { .addSet($0) }
            transaction.operations += chains.map { .addChain($0) }
            transaction.operations += skeleton.chains.map { .addRules(chain: $0.name, $0.rules) }
            // A firewall chain that is there already is added once more: that does nothing.
            transaction.operations += desired.operations
        }
        if observed == nil { transaction.operations.removeFirst() }
        try session.apply(transaction)
        return transaction.operations.count + routed
    }

    /// The chains and sets are right; elements may differ.
    private static func isOurs(_ observed: ObservedTable, _ chains: [Chain], _ table: TableID) -> Bool {
        observed.comment == UserspaceLayout.tableComment && observed.chains.count == chains.count
            && chains.allSatisfy { chain in observed.chains[chain.name].map { chain.matches($0, in: table) } ?? false }
            && UserspaceLayout.sets.allSatisfy { set in
                observed.sets[set.name].map { set.matches($0, family: table.family) } ?? false
            }
    }

    private mutating func difference(_ desired: Transaction, _ observed: ObservedTable) throws -> Transaction {
        var wanted: [String: [SetElement]] = [:]
        for case .addElements(let set, let elements) in desired.operations { wanted[set, default: []] += elements }
        var transaction = Transaction(table)
        for set in UserspaceLayout.SetName.allCases {
            var held = try elements(of: set, observed)
            var missing: [SetElement] = []
            var wrong: [SetElement] = []
            for element in wanted[set.rawValue] ?? [] {
                let found = held.removeValue(forKey: element.key)
                guard found != element else { continue }
                missing.append(element)
                if let found { wrong.append(found) }
            }
            wrong += held.values
            transaction.remove(set, wrong)
            transaction.add(set, missing)
        }
        return transaction
    }

    private mutating func elements(
        of set: UserspaceLayout.SetName, _ observed: ObservedTable?
    ) throws -> [RegisterBytes: SetElement] {
        var held: [RegisterBytes: SetElement] = [:]
        guard observed?.sets[set.rawValue] != nil else { return held }
        try session.forEachElement(of: set.rawValue, in: table, restart: { held = [:] }) { held[$0.key] = $0 }
        return held
    }

    private func replaceSkeleton(
        _ before: UserspaceSkeleton, _ after: UserspaceSkeleton, _ transaction: inout Transaction
    ) {
        for (old, new) in zip(before.chains, after.chains) where old != new {
            transaction.operations += [.flushChain(new.name), .addRules(chain: new.name, new.rules)]
        }
        let gone = Set(before.nodePortElements).subtracting(after.nodePortElements)
        transaction.remove(.nodePortIPs, Array(gone))
        transaction.add(.nodePortIPs, after.nodePortElements.filter { !before.nodePortElements.contains($0) })
    }

    // MARK: Printing

    /// What a first synchronisation would send, without touching the kernel or opening a port: the proxy's ports, which
    /// the kernel chooses, are written as 1 (inside) and 2 (outside); 3 and 4 (TCP), 5 and 6 (UDP) where endpoints see
    /// their clients.
    public static func program(
        _ ports: some Sequence<ServicePort>, node: NodeFacts, family: IPFamily,
        tableName: String = "kube-proxy-userspace"
    ) -> Transaction {
        let mine = ports.filter { $0.name.family == family }
        let skeleton = UserspaceSkeleton(
            family: family, node: node,
            transparent: mine.contains(where: \.keepsClients)
                ? InterceptPorts(tcp: RelayPorts(inside: 3, outside: 4), udp: RelayPorts(inside: 5, outside: 6)) : nil)
        var clusterIPs: [IPAddress: Int] = [:]
        var transaction = Transaction(TableID(family, tableName), [.addTable(comment: UserspaceLayout.tableComment)])
        transaction.operations += UserspaceLayout.sets.map { .addSet($0) }
        transaction.operations += skeleton.chains.map { .addChain($0) }
        transaction.operations += skeleton.chains.map { .addRules(chain: $0.name, $0.rules) }
        transaction.add(.nodePortIPs, skeleton.nodePortElements)
        for port in mine {
            let program = UserspaceProgram(port, isIntercepted: port.keepsClients) { _ in
                RelayPorts(inside: 1, outside: 2)
            }
            transaction.change(from: nil, to: program, &clusterIPs)
        }
        return transaction
    }
}

/// `apply` came before a successful `synchronise`.
struct UserspaceNotSynchronised: Error, CustomStringConvertible {
    var description: String { "the userspace proxy must be synchronised before it is changed" }
}

extension Transaction {
    /// Puts one program in another's place. `clusterIPs` counts the service ports that have each.
    mutating func change(
        from old: UserspaceProgram?, to new: UserspaceProgram?, _ clusterIPs: inout [IPAddress: Int]
    ) {
        let isFirewallNew = old?.firewall != new?.firewall
        if let chain = new?.firewall, isFirewallNew {
            operations += [.addChain(chain), .flushChain(chain.name), .addRules(chain: chain.name, chain.rules)]
        }
        for set in UserspaceLayout.SetName.allCases {
            let before = old?.elements[set] ?? [:]
            let after = new?.elements[set] ?? [:]
            remove(set, before.values.filter { after[$0.key] != $0 })
            add(set, after.values.filter { before[$0.key] != $0 })
        }
        if let chain = old?.firewall, new?.firewall == nil {
            operations += [.flushChain(chain.name), .deleteChain(chain.name)]
        }
        for address in new?.clusterIPs ?? [] {
            clusterIPs[address, default: 0] += 1
            if clusterIPs[address] == 1 { add(.clusterIPs, [SetElement(key: address.registerBytes)]) }
        }
        for address in old?.clusterIPs ?? [] {
            clusterIPs[address, default: 0] -= 1
            guard clusterIPs[address] == 0 else { continue }
            clusterIPs[address] = nil
            remove(.clusterIPs, [SetElement(key: address.registerBytes)])
        }
    }

    mutating func add(_ set: UserspaceLayout.SetName, _ elements: [SetElement]) {
        if !elements.isEmpty { operations.append(.addElements(set: set.rawValue, elements)) }
    }

    mutating func remove(_ set: UserspaceLayout.SetName, _ elements: [SetElement]) {
        if !elements.isEmpty { operations.append(.deleteElements(set: set.rawValue, elements)) }
    }
}
