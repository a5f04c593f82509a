import IPSet
import IPVS
import NetTypes

/// Changes in the order in which they are made; prints itself as ipset(8), ipvsadm(8) and ip(8) take it.
struct IPVSPlan: Hashable, Sendable, CustomStringConvertible {
    let family: IPFamily
    var addedMembers: [SetMember] = []
    var servers: [IPVSOperation] = []
    var addedAddresses: [IPAddress] = []
    var deletedAddresses: [IPAddress] = []
    var deletedMembers: [SetMember] = []

    var count: Int {
        addedMembers.count + servers.count + addedAddresses.count + deletedAddresses.count + deletedMembers.count
    }

    var isEmpty: Bool { count == 0 }

    init(_ family: IPFamily) { self.family = family }

    var description: String {
        func entry(_ verb: String, _ member: SetMember) -> String {
            "ipset \(verb) \(member.set.name(family)) \(member.entry)"
        }
        func address(_ verb: String, _ ip: IPAddress) -> String {
            "ip address \(verb) \(ip)/\(ip.family.bits) dev \(ServiceDevice.name)"
        }
        let lines =
            addedMembers.map { entry("add", $0) } + servers.map { "ipvsadm \($0)" }
            + addedAddresses.map { address("add", $0) } + deletedAddresses.map { address("del", $0) }
            + deletedMembers.map { entry("del", $0) }
        return lines.map { $0 + "\n" }.joined()
    }
}

extension IPVSPlan {
    /// Addresses move between Services: virtual servers go before the same ones come, and of two entries that differ
    /// in their mark the new one replaces the old.
    mutating func order() {
        func isDeletion(_ operation: IPVSOperation) -> Bool {
            if case .deleteServer = operation { true } else { false }
        }
        servers = servers.filter(isDeletion) + servers.filter { !isDeletion($0) }
        let replaced = Set(addedMembers.map(\.withoutMark))
        deletedMembers.removeAll { replaced.contains($0.withoutMark) }
    }
}

/// Destinations of weight 0 whose connections are left to finish.
typealias Draining = [VirtualServer.Key: [AddressPort: ContinuousClock.Instant]]

extension IPVSPlan {
    /// Turns the virtual servers of one program into those of another. What drains keeps its place in `draining`.
    mutating func change(
        _ old: [VirtualServer.Key: PortProgram.Server], to new: [VirtualServer.Key: PortProgram.Server],
        _ draining: inout Draining, until deadline: ContinuousClock.Instant
    ) {
        for (key, server) in new.sorted(by: { $0.key < $1.key }) {
            if let before = old[key] {
                if before.server != server.server { servers.append(.editServer(server.server)) }
            } else {
                servers.append(.addServer(server.server))
            }
            changeDestinations(server, old[key]?.destinations ?? [:], &draining, until: deadline)
        }
        for key in old.keys.sorted() where new[key] == nil {
            servers.append(.deleteServer(key))
            draining[key] = nil
        }
    }

    private mutating func changeDestinations(
        _ server: PortProgram.Server, _ old: [AddressPort: UInt32], _ draining: inout Draining,
        until deadline: ContinuousClock.Instant
    ) {
        let key = server.server.key
        let new = server.destinations
        // The kernel puts the newest first: so added, they are served in ascending order.
        for (target, weight) in new.sorted(by: { $0.key > $1.key }) where old[target] != weight {
            let isThere = old[target] != nil || draining[key]?[target] != nil
            let destination = Destination(target, weight: weight)
            servers.append(isThere ? .editDestination(key, destination) : .addDestination(key, destination))
            draining[key]?[target] = nil
        }
        for target in old.keys.sorted() where new[target] == nil {
            if server.hasConnections {
                servers.append(.editDestination(key, Destination(target, weight: 0)))
                draining[key, default: [:]][target] = deadline
            } else {
                // Datagrams have no end to wait for.
                servers.append(.deleteDestination(key, target))
            }
        }
        if draining[key]?.isEmpty == true { draining[key] = nil }
    }
}
