import Glibc
import IPSet
import IPTables
import IPVS
import NetTypes
import Netlink
import ProxyCore
import Routes

/// The ipvs mode in one address family: virtual servers, `kube-ipvs0`, the KUBE-* ipsets and the few rules that use
/// them. docs/ipvs.md draws the way of a packet.
public struct IPVSBackend: ProxyBackend, ~Copyable {
    public let family: IPFamily
    var options: IPVSOptions
    let programs: IPTablesPrograms
    /// nil until a kernel with IPVS is needed.
    var socket: IPVSSocket?
    var sets: IPSetSocket
    var routes: RouteSocket
    var watch: Watch

    // What the last successful call left.
    var ports: [ServicePortName: ServicePort] = [:]
    var node: NodeFacts?
    var members = UseCounts<SetMember>()
    var addresses = UseCounts<IPAddress>()
    var marks = FirewallMarks()
    var draining: Draining = [:]
    /// Addresses that other interfaces hold.
    var foreign: Set<IPAddress> = []
    /// Schedulers that Services named, and that the kernel was asked for.
    var triedOut: Set<IPVSScheduler> = []

    /// Opens its sockets in the namespace of the calling thread; asks nothing of the kernel yet.
    public init(family: IPFamily, options: IPVSOptions = IPVSOptions()) throws {
        let programs = IPTablesPrograms(family, IPTablesPrograms.detect(family))
        let sets = try IPSetSocket()
        let routes = try RouteSocket()
        let watch = try Watch(programs)
        self.family = family
        self.options = options
        self.programs = programs
        self.sets = sets
        self.routes = routes
        self.watch = watch
    }

    // MARK: What is held

    /// The kernel objects of one service port, as ipset(8), ipvsadm(8) and ip(8) would be told to make them.
    public static func program(_ port: ServicePort, node: NodeFacts, options: IPVSOptions = IPVSOptions()) -> String {
        var marks = FirewallMarks()
        let mark = PortProgram.needsMark(port) ? marks.claim(port.name) : nil
        let program = PortProgram(port, node, options, mark: mark)
        var plan = IPVSPlan(port.name.family)
        var draining: Draining = [:]
        plan.addedMembers = program.members.sorted { "\($0)" < "\($1)" }
        plan.addedAddresses = program.addresses.sorted()
        plan.change([:], to: program.servers, &draining, until: .now)
        return plan.description
    }

    // MARK: Synchronising

    public mutating func synchronise(_ ports: some Sequence<ServicePort>, node: NodeFacts) throws -> SyncReport {
        try open()
        try ServiceDevice.ensure(&routes)
        for set in KubeSet.allCases { try sets.create(set.spec(family)) }
        try setKernelSettings()
        let rules = try restoreRules(node)
        foreign = try ServiceDevice.foreignAddresses(&routes)
        let mine = ports.filter { $0.name.family == family }
        try tryOut(Set(mine.compactMap(\.ipvsScheduler)))

        var desired = Desired()
        for port in mine {
            let mark = PortProgram.needsMark(port) ? desired.marks.claim(port.name) : nil
            desired.add(port, PortProgram(port, node, options, mark: mark, foreign: foreign))
        }
        draining = [:]
        var plan = try planWhole(desired)
        plan.order()
        try perform(plan)
        self.ports = desired.ports
        self.node = node
        members = desired.members
        addresses = desired.addresses
        marks = desired.marks
        watch.restart(desired.servers.mapValues(\.server), entries: Self.counts(desired.members.things))
        return SyncReport(operations: plan.count + rules)
    }

    /// Returns how many chains and rules it wrote.
    private mutating func restoreRules(_ node: NodeFacts) throws -> Int {
        let text = RuleText(family: family, node: node)
        let changes = try RuleText.tables.map { text.change($0, from: try programs.save($0)) }
        try programs.restore(changes)
        try watch.rememberRules()
        return changes.reduce(0) { $0 + $1.count }
    }

    /// What all service ports together ask for.
    private struct Desired {
        var ports: [ServicePortName: ServicePort] = [:]
        var servers: [VirtualServer.Key: PortProgram.Server] = [:]
        var members = UseCounts<SetMember>()
        var addresses = UseCounts<IPAddress>()
        var marks = FirewallMarks()

        mutating func add(_ port: ServicePort, _ program: PortProgram) {
            ports[port.name] = port
            servers.merge(program.servers) { first, _ in first }
            _ = members.replace([], with: program.members)
            _ = addresses.replace([], with: program.addresses)
        }
    }

    /// Compares with what the kernel holds.
    private mutating func planWhole(_ desired: Desired) throws -> IPVSPlan {
        var plan = IPVSPlan(family)
        let held = try ServiceDevice.addresses(&routes, family) ?? []
        let observed = try observedMembers()
        let ownership = Ownership(family, options, held: held, members: observed)
        plan.change(
            try observedServers { desired.servers[$0] != nil || ownership.contains($0) }, to: desired.servers,
            &draining, until: .now + options.gracePeriod)
        let wanted = Set(desired.addresses.things)
        plan.addedAddresses = wanted.subtracting(held).sorted()
        plan.deletedAddresses = held.subtracting(wanted).filter { !options.leavesToOthers($0) }.sorted()
        let members = Set(desired.members.things)
        plan.addedMembers = Array(members.subtracting(observed))
        plan.deletedMembers = Set(observed).subtracting(members).map { $0 }
        return plan
    }

    /// None where there are no sets.
    mutating func observedMembers(
        of sets: some Sequence<KubeSet> = KubeSet.allCases.filter { $0 != .settings }
    ) throws -> [SetMember] {
        var members: [SetMember] = []
        for set in sets {
            members +=
                try self.sets.contents(of: set.name(family))?.entries.map { SetMember(set, $0.key, mark: $0.mark) }
                ?? []
        }
        return members
    }

    /// Destinations of weight 0 that are not wanted are drained; the others keep what they weigh.
    mutating func observedServers(
        _ isOurs: (VirtualServer.Key) -> Bool
    ) throws -> [VirtualServer.Key: PortProgram.Server] {
        var observed: [VirtualServer.Key: PortProgram.Server] = [:]
        let deadline = ContinuousClock.now + options.gracePeriod
        for server in try socket?.servers() ?? [] where server.key.family == family && isOurs(server.key) {
            var weights: [AddressPort: UInt32] = [:]
            for found in try socket?.destinations(of: server.key) ?? [] {
                if found.destination.weight == 0 {
                    draining[server.key, default: [:]][found.destination.target] = deadline
                } else {
                    weights[found.destination.target] = found.destination.weight
                }
            }
            observed[server.key] = PortProgram.Server(server: server, destinations: weights)
        }
        return observed
    }

    /// How many entries each set has: of those that differ in their mark it holds one.
    private static func counts(_ members: some Collection<SetMember>) -> [KubeSet: Int] {
        var counts = Dictionary(grouping: members.lazy.filter { $0.entry.mark == nil }, by: \.set).mapValues(\.count)
        for member in Set(members.lazy.filter { $0.entry.mark != nil }.map(\.withoutMark)) {
            counts[member.set, default: 0] += 1
        }
        return counts
    }

    // MARK: Changes

    public mutating func apply(_ delta: ProxyDelta) throws -> SyncReport {
        guard let known = node else { return SyncReport() }
        if let change = delta.node {
            for port in delta.servicePorts { take(port) }
            return try synchronise(Array(ports.values), node: change.new)
        }
        try tryOut(Set(delta.servicePorts.compactMap { $0.new?.ipvsScheduler }))
        var plan = IPVSPlan(family)
        // Things move between service ports of one delta: what is used anew is counted before what is used no longer.
        var added = Changes()
        for change in delta.servicePorts where change.name?.family == family {
            let old = change.old.map { program($0, known, mark: marks[$0.name]) } ?? .empty
            let new = change.new.map { program($0, known, mark: claimMark($0)) } ?? .empty
            plan.change(old.servers, to: new.servers, &draining, until: .now + options.gracePeriod)
            added.merge(members.replace(old.members, with: new.members))
            added.merge(addresses.replace(old.addresses, with: new.addresses))
            take(change)
        }
        plan.addedMembers = Array(added.addedMembers)
        plan.deletedMembers = Array(added.deletedMembers)
        plan.addedAddresses = added.addedAddresses.sorted()
        plan.deletedAddresses = added.deletedAddresses.sorted()
        let counted = plan
        plan.order()
        try perform(plan)
        watch.note(added: counted.addedMembers, deleted: counted.deletedMembers)
        return SyncReport(operations: plan.count)
    }

    /// Of a port that is programmed on this node.
    func program(_ port: ServicePort, _ node: NodeFacts, mark: UInt32?) -> PortProgram {
        PortProgram(port, node, options, mark: mark, foreign: foreign)
    }

    /// The port's mark from now on, nil for one that needs none.
    private mutating func claimMark(_ port: ServicePort) -> UInt32? {
        if PortProgram.needsMark(port) { return marks.claim(port.name) }
        marks.release(port.name)
        return nil
    }

    private mutating func take(_ change: ServicePortChange) {
        guard let name = change.name, name.family == family else { return }
        ports[name] = change.new
        if change.new == nil { marks.release(name) }
    }

    mutating func perform(_ plan: IPVSPlan) throws {
        for (set, members) in Dictionary(grouping: plan.addedMembers, by: \.set) {
            try sets.add(members.map(\.entry), to: set.name(family))
        }
        try socket?.apply(plan.servers)
        watch.note(plan.servers)
        for address in plan.addedAddresses {
            try tolerating(EEXIST) { routes throws(NetlinkError) in
                try routes.addAddress(address, prefixLength: address.family.bits, to: ServiceDevice.name)
            }
        }
        for address in plan.deletedAddresses {
            try tolerating(EADDRNOTAVAIL) { routes throws(NetlinkError) in
                try routes.removeAddress(address, prefixLength: address.family.bits, from: ServiceDevice.name)
            }
        }
        for (set, members) in Dictionary(grouping: plan.deletedMembers, by: \.set) {
            try sets.delete(members.map(\.entry), from: set.name(family))
        }
    }

    private mutating func tolerating(
        _ code: CInt, _ body: (inout RouteSocket) throws(NetlinkError) -> Void
    ) throws(NetlinkError) {
        do throws(NetlinkError) {
            try body(&routes)
        } catch {
            if error.code != code { throw error }
        }
    }

    mutating func open() throws {
        if socket == nil { socket = try IPVSSocket() }
    }

    private mutating func setKernelSettings() throws {
        let settings = KernelSettings(family: family, options: options)
        try settings.set(&sets)
        guard let before = try socket?.timeouts(), try settings.keep(before, &sets) else { return }
        try socket?.setTimeouts(options.timeouts)
    }

    // MARK: Graceful removal

    public mutating func tend() throws -> Duration? {
        let now = ContinuousClock.now
        return try tend(now: now).map { $0 - now }
    }

    /// Deletes destinations that take no new connections once they are idle, or when their time is up. Returns when to
    /// ask again; nil when nothing drains.
    public mutating func tend(now: ContinuousClock.Instant) throws -> ContinuousClock.Instant? {
        var operations: [IPVSOperation] = []
        for (key, targets) in draining {
            let idle = Set(try socket?.destinations(of: key).filter(\.isIdle).map(\.destination.target) ?? [])
            for (target, deadline) in targets where idle.contains(target) || deadline <= now {
                operations.append(.deleteDestination(key, target))
                draining[key]?[target] = nil
            }
            if draining[key]?.isEmpty == true { draining[key] = nil }
        }
        try socket?.apply(operations)
        return draining.isEmpty ? nil : now + .seconds(5)
    }
}

/// Additions and deletions of several service ports together.
private struct Changes {
    var addedMembers: Set<SetMember> = []
    var deletedMembers: Set<SetMember> = []
    var addedAddresses: Set<IPAddress> = []
    var deletedAddresses: Set<IPAddress> = []

    mutating func merge(_ change: (added: [SetMember], deleted: [SetMember])) {
        Self.merge(change, &addedMembers, &deletedMembers)
    }

    mutating func merge(_ change: (added: [IPAddress], deleted: [IPAddress])) {
        Self.merge(change, &addedAddresses, &deletedAddresses)
    }

    /// What one service port gives up and another takes stays.
    private static func merge<Thing: Hashable>(
        _ change: (added: [Thing], deleted: [Thing]), _ added: inout Set<Thing>, _ deleted: inout Set<Thing>
    ) {
        for thing in change.added where deleted.remove(thing) == nil { added.insert(thing) }
        for thing in change.deleted where added.remove(thing) == nil { deleted.insert(thing) }
    }
}
