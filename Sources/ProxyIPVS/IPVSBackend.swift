import Glibc
import IPSet
import IPVS
import NetTypes
import Netlink
import ProxyCore
import Routes

/// The ipvs mode in one address family: virtual servers, `kube-ipvs0`, the KUBE-* ipsets and the few rules that use
/// them. docs/ipvs.md draws the way of a packet.
public struct IPVSBackend: ProxyBackend, ~Copyable {
    public let family: IPFamily
    let options: IPVSOptions
    /// nil until a kernel with IPVS is needed.
    private var socket: IPVSSocket?
    private var sets: IPSetSocket
    private var routes: RouteSocket

    // What the last successful call left.
    private var ports: [ServicePortName: ServicePort] = [:]
    private var node: NodeFacts?
    private var members = UseCounts<SetMember>()
    private var addresses = UseCounts<IPAddress>()
    private var draining: Draining = [:]
    /// Service addresses that other interfaces hold.
    private var foreign: Set<IPAddress> = []

    /// Opens its sockets in the namespace of the calling thread; asks nothing of the kernel yet.
    public init(family: IPFamily, options: IPVSOptions = IPVSOptions()) throws {
        let sets = try IPSetSocket()
        let routes = try RouteSocket()
        self.family = family
        self.options = options
        self.sets = sets
        self.routes = routes
    }

    // MARK: What is held

    /// The kernel objects of one service port, as ipset(8), ipvsadm(8) and ip(8) would be told to make them.
    public static func program(_ port: ServicePort, node: NodeFacts, options: IPVSOptions = IPVSOptions()) -> String {
        let program = PortProgram(port, node, options)
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
        if try ServiceDevice.find(&routes) == nil { try ServiceDevice.create(&routes) }
        for set in KubeSet.allCases { try sets.create(set.spec(family)) }
        try KernelSettings(family: family, strictARP: options.strictARP).set(&sets)
        try setTimeouts()
        let rules = RuleProgram(family: family)
        try rules.restore(RuleText(family: family, node: node).restore(present: try rules.save()))
        foreign = try ServiceDevice.foreignAddresses(&routes)

        var desired = Desired()
        for port in ports where port.name.family == family {
            desired.add(port, PortProgram(port, node, options))
        }
        draining = [:]
        let plan = try planWhole(desired)
        try perform(plan)
        self.ports = desired.ports
        self.node = node
        members = desired.members
        addresses = desired.addresses
        return SyncReport(operations: plan.count)
    }

    /// What all service ports together ask for.
    private struct Desired {
        var ports: [ServicePortName: ServicePort] = [:]
        var servers: [VirtualServer.Key: PortProgram.Server] = [:]
        var members = UseCounts<SetMember>()
        var addresses = UseCounts<IPAddress>()

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
        plan.change(
            try observedServers(), to: desired.servers, &draining, until: .now + options.gracePeriod)
        let held = try ServiceDevice.addresses(&routes, family) ?? []
        let wanted = Set(desired.addresses.things).subtracting(foreign)
        plan.addedAddresses = wanted.subtracting(held).sorted()
        plan.deletedAddresses = held.subtracting(wanted).sorted()
        let members = Dictionary(grouping: desired.members.things, by: \.set)
        for set in KubeSet.allCases where set != .settings {
            let observed = Set(try sets.contents(of: set.name(family))?.entries.map(\.key) ?? [])
            let wanted = Set((members[set] ?? []).map(\.key))
            plan.addedMembers += wanted.subtracting(observed).map { SetMember(set, $0) }
            plan.deletedMembers += observed.subtracting(wanted).map { SetMember(set, $0) }
        }
        return plan
    }

    /// Destinations of weight 0 that are not wanted are drained; the others keep what they weigh.
    private mutating func observedServers() throws -> [VirtualServer.Key: PortProgram.Server] {
        var observed: [VirtualServer.Key: PortProgram.Server] = [:]
        let deadline = ContinuousClock.now + options.gracePeriod
        for server in try socket?.servers() ?? [] where options.owns(server.key, family) {
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

    // MARK: Changes

    public mutating func apply(_ delta: ProxyDelta) throws -> SyncReport {
        guard let known = node else { return SyncReport() }
        if let change = delta.node {
            for port in delta.servicePorts { take(port) }
            return try synchronise(Array(ports.values), node: change.new)
        }
        var plan = IPVSPlan(family)
        // Things move between service ports of one delta: what is used anew is counted before what is used no longer.
        var added = Changes()
        for change in delta.servicePorts where change.name?.family == family {
            let old = change.old.map { PortProgram($0, known, options) } ?? .empty
            let new = change.new.map { PortProgram($0, known, options) } ?? .empty
            plan.change(old.servers, to: new.servers, &draining, until: .now + options.gracePeriod)
            added.merge(members.replace(old.members, with: new.members))
            added.merge(addresses.replace(old.addresses, with: new.addresses))
            take(change)
        }
        plan.servers = IPVSPlan.deletionsFirst(plan.servers)
        plan.addedMembers = Array(added.addedMembers)
        plan.deletedMembers = Array(added.deletedMembers)
        plan.addedAddresses = added.addedAddresses.subtracting(foreign).sorted()
        plan.deletedAddresses = added.deletedAddresses.subtracting(foreign).sorted()
        try perform(plan)
        return SyncReport(operations: plan.count)
    }

    private mutating func take(_ change: ServicePortChange) {
        guard let name = change.name, name.family == family else { return }
        ports[name] = change.new
    }

    private mutating func perform(_ plan: IPVSPlan) throws {
        for (set, members) in Dictionary(grouping: plan.addedMembers, by: \.set) {
            try sets.add(members.map { SetEntry($0.key) }, to: set.name(family))
        }
        try socket?.apply(plan.servers)
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
            try sets.delete(members.map { SetEntry($0.key) }, from: set.name(family))
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

    private mutating func open() throws {
        if socket == nil { socket = try IPVSSocket() }
    }

    private mutating func setTimeouts() throws {
        let timeouts = [options.tcpTimeout, options.tcpFinTimeout, options.udpTimeout]
        guard timeouts.contains(where: { $0 > 0 }) else { return }
        try socket?.setTimeouts(tcp: timeouts[0], tcpFin: timeouts[1], udp: timeouts[2])
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

    // MARK: State of the kernel

    public mutating func missingFeatures() throws -> [String] {
        var missing: [String] = []
        do {
            try open()
        } catch let error as NetlinkError where error.code == ENOENT {
            missing.append(
                "this kernel has no IPVS: run `modprobe ip_vs`, or choose --proxy-mode nftables or iptables")
        }
        let rules = RuleProgram(family: family)
        for program in [rules.restoreName, rules.saveName] where RuleProgram.path(of: program) == nil {
            missing.append("\(program) is not installed: install the package iptables")
        }
        do {
            _ = try sets.sets()
        } catch let error as NetlinkError {
            missing.append("this kernel has no ipsets (\(error)): run `modprobe ip_set`")
        }
        return missing
    }

    public mutating func isIntact() throws -> Bool {
        guard node != nil else { return true }
        guard try ServiceDevice.find(&routes)?.isUp == true else { return false }
        return try sets.exists(KubeSet.clusterIP.name(family))
    }

    public mutating func audit(_ port: ServicePort, source: IPAddress?, node: NodeFacts) throws -> KernelAccount {
        try open()
        var missing: [String] = []
        var unexpected: [String] = []
        let program = PortProgram(port, node, options)
        let held = Dictionary(
            try socket?.servers().map { ($0.key, $0) } ?? [], uniquingKeysWith: { first, _ in first })
        for (key, server) in program.servers.sorted(by: { $0.key < $1.key }) {
            if held[key] != server.server { missing.append("\(IPVSOperation.addServer(server.server))") }
            var left = server.destinations
            for found in try socket?.destinations(of: key) ?? [] {
                let destination = found.destination
                if left.removeValue(forKey: destination.target) == destination.weight { continue }
                if draining[key]?[destination.target] != nil { continue }
                unexpected.append("\(IPVSOperation.addDestination(key, destination))")
            }
            missing += left.sorted { $0.key < $1.key }.map {
                "\(IPVSOperation.addDestination(key, Destination($0.key, weight: $0.value)))"
            }
        }
        return KernelAccount(place: "virtual servers", missing: missing, unexpected: unexpected)
    }

    // MARK: Cleaning up

    public mutating func cleanup() throws {
        let rules = RuleProgram(family: family)
        if RuleProgram.path(of: rules.saveName) != nil, let text = RuleText.cleanup(present: try rules.save()) {
            try rules.restore(text)
        }
        if let held = try ServiceDevice.addresses(&routes, family) {
            try deleteServers(at: held)
            try perform(deleting: held)
        }
        try KernelSettings(family: family, strictARP: options.strictARP).restore(&sets)
        for set in KubeSet.allCases { try sets.destroySoon(set.name(family)) }
        ports = [:]
        node = nil
        members = UseCounts()
        addresses = UseCounts()
        draining = [:]
    }

    /// Those of service addresses, and of node ports: the node's other addresses.
    private mutating func deleteServers(at held: Set<IPAddress>) throws {
        do {
            try open()
        } catch let error as NetlinkError where error.code == ENOENT {
            return
        }
        let servers = try socket?.servers() ?? []
        var operations: [IPVSOperation] = []
        for server in servers where options.owns(server.key, family) { operations.append(.deleteServer(server.key)) }
        try socket?.apply(operations)
    }

    private mutating func perform(deleting held: Set<IPAddress>) throws {
        var plan = IPVSPlan(family)
        plan.deletedAddresses = held.sorted()
        try perform(plan)
        let other: IPFamily = family == .ipv4 ? .ipv6 : .ipv4
        if try ServiceDevice.addresses(&routes, other)?.isEmpty == true { try routes.deleteLink(ServiceDevice.name) }
    }
}

extension IPVSOptions {
    /// Virtual servers of a family are this mode's but for those that the configuration leaves to others.
    fileprivate func owns(_ key: VirtualServer.Key, _ family: IPFamily) -> Bool {
        let address = key.address.address
        return address.family == family && !excludeCIDRs.contains { $0.contains(address) }
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

extension IPVSPlan {
    /// Addresses move between Services: virtual servers go before the same ones come.
    static func deletionsFirst(_ operations: [IPVSOperation]) -> [IPVSOperation] {
        func isDeletion(_ operation: IPVSOperation) -> Bool {
            if case .deleteServer = operation { true } else { false }
        }
        return operations.filter(isDeletion) + operations.filter { !isDeletion($0) }
    }
}
