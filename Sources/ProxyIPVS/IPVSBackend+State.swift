import Glibc
import IPSet
import IPVS
import NetTypes
import Netlink
import ProxyCore

/// What the kernel can do, and what it holds.
extension IPVSBackend {
    public mutating func missingFeatures() throws -> [String] {
        var missing: [String] = []
        do {
            try open()
        } catch let error as NetlinkError where error.code == ENOENT {
            missing.append(
                "this kernel has no IPVS: run `modprobe ip_vs`, or choose --proxy-mode nftables or iptables")
        }
        missing += try missingSchedulers()
        if !programs.areInstalled {
            missing.append(
                "\(programs.name)-restore and \(programs.name)-save are not installed: install the package iptables")
        }
        do {
            _ = try sets.sets()
        } catch let error as NetlinkError {
            missing.append("this kernel has no ipsets (\(error)): run `modprobe ip_set`")
        }
        return missing
    }

    /// Of the operator's, and of those that every balancing leads to.
    private mutating func missingSchedulers() throws -> [String] {
        guard socket != nil else { return [] }
        return try Set([options.scheduler, "rr", "wrr", "lc", "wlc", "sh", "mh"]).sorted().filter { try !has($0) }.map {
            "this kernel has no IPVS scheduler \($0): run `modprobe ip_vs_\($0)`"
        }
    }

    /// Tries a scheduler on a virtual server of a mark that no service port has.
    private mutating func has(_ scheduler: String) throws -> Bool {
        let key = VirtualServer.Key.mark(FirewallMarks.probe, family)
        do {
            try socket?.apply([.addServer(VirtualServer(key, scheduler: scheduler)), .deleteServer(key)])
            return true
        } catch let error as IPVSError where error.code == ENOENT {
            return false
        }
    }

    /// Finds out which of the schedulers that Services name the kernel has. Before any of the ports is programmed.
    mutating func tryOut(_ asked: Set<IPVSScheduler>) throws {
        for scheduler in asked.subtracting(triedOut) {
            if try !has(scheduler.rawValue) { options.missingSchedulers.insert(scheduler) }
            triedOut.insert(scheduler)
        }
    }

    public mutating func isIntact() throws -> Bool {
        guard node != nil else { return true }
        watch.damaged = []
        watch.damagedSets = []
        guard try ServiceDevice.find(&routes)?.isUp == true, try watch.rulesAreThere() else { return false }
        return try setsAreRight() && listsAreRight() && destinationsAreRight()
    }

    /// By how many entries they have.
    private mutating func setsAreRight() throws -> Bool {
        let found = Dictionary(
            try sets.sets().map { ($0.spec.name, $0.count) }, uniquingKeysWith: { first, _ in first })
        var counts: [KubeSet: Int] = [:]
        for set in KubeSet.allCases {
            guard let count = found[set.name(family)] else { return false }
            counts[set] = Int(count)
        }
        return watch.setsAreRight(counts)
    }

    private mutating func listsAreRight() throws -> Bool {
        try watch.listsAreRight {
            let held = try ServiceDevice.addresses(&routes, family) ?? []
            return addresses.things.allSatisfy(held.contains) ? try socket?.servers() ?? [] : nil
        }
    }

    /// Looks at as many service ports as the time allows, going round.
    private mutating func destinationsAreRight() throws -> Bool {
        let end = ContinuousClock.now + Watch.budget
        while ContinuousClock.now < end, let name = watch.next(ports.keys) {
            guard let port = ports[name], let node else { continue }
            let program = self.program(port, node, mark: marks[name])
            for (key, server) in program.servers where try !differences(key, server.destinations).isEmpty {
                watch.damaged.insert(key)
            }
            if !watch.damaged.isEmpty { return false }
        }
        return true
    }

    /// Virtual servers and sets alone, and only those that were found wrong.
    public mutating func repair(_ state: ProxyState) throws -> SyncReport? {
        guard !watch.damaged.isEmpty || !watch.damagedSets.isEmpty, let node else { return nil }
        var plan = IPVSPlan(family)
        try mendServers(&plan, node)
        try mendSets(&plan)
        plan.order()
        try perform(plan)
        watch.damaged = []
        watch.damagedSets = []
        return SyncReport(operations: plan.count)
    }

    private mutating func mendServers(_ plan: inout IPVSPlan, _ node: NodeFacts) throws {
        let damaged = watch.damaged
        guard !damaged.isEmpty else { return }
        var desired: [VirtualServer.Key: PortProgram.Server] = [:]
        for (name, port) in ports {
            let program = self.program(port, node, mark: marks[name])
            desired.merge(program.servers.filter { damaged.contains($0.key) }) { first, _ in first }
        }
        plan.change(
            try observedServers(damaged.contains), to: desired, &draining, until: .now + options.gracePeriod)
    }

    private mutating func mendSets(_ plan: inout IPVSPlan) throws {
        let damaged = watch.damagedSets
        guard !damaged.isEmpty else { return }
        let observed = Set(try observedMembers(of: damaged))
        let wanted = Set(members.things.filter { damaged.contains($0.set) })
        plan.addedMembers = Array(wanted.subtracting(observed))
        plan.deletedMembers = Array(observed.subtracting(wanted))
    }

    public mutating func audit(_ port: ServicePort, source: IPAddress?, node: NodeFacts) throws -> KernelAccount {
        try open()
        var missing: [String] = []
        var unexpected: [String] = []
        let mark = PortProgram.needsMark(port) ? marks[port.name] : nil
        let program = self.program(port, node, mark: mark)
        let held = Dictionary(
            try socket?.servers().map { ($0.key, $0) } ?? [], uniquingKeysWith: { first, _ in first })
        for (key, server) in program.servers.sorted(by: { $0.key < $1.key }) {
            if held[key] != server.server { missing.append("\(IPVSOperation.addServer(server.server))") }
            let found = try differences(key, server.destinations)
            missing += found.missing.sorted { $0.target < $1.target }.map { "\(IPVSOperation.addDestination(key, $0))" }
            unexpected += found.unexpected.map { "\(IPVSOperation.addDestination(key, $0))" }
        }
        return KernelAccount(place: "virtual servers", missing: missing, unexpected: unexpected)
    }

    private struct Differences {
        var missing: [Destination] = []
        var unexpected: [Destination] = []
        var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty }
    }

    /// What drains is neither.
    private mutating func differences(
        _ key: VirtualServer.Key, _ wanted: [AddressPort: UInt32]
    ) throws -> Differences {
        var differences = Differences()
        var left = wanted
        for found in try socket?.destinations(of: key) ?? [] {
            let destination = found.destination
            if left[destination.target] == destination.weight {
                left[destination.target] = nil
            } else if draining[key]?[destination.target] == nil || left[destination.target] != nil {
                differences.unexpected.append(destination)
            }
        }
        differences.missing = left.map { Destination($0.key, weight: $0.value) }
        return differences
    }
}
