import Glibc
import IPSet
import IPTables
import IPVS
import NetTypes
import Netlink
import Routes

extension IPVSBackend {
    /// Also what another process made; virtual servers of others stay.
    public mutating func cleanup() throws {
        if programs.areInstalled {
            try programs.restore(try RuleText.tables.map { RuleText.cleanup($0, try programs.save($0)) })
        }
        let held = try ServiceDevice.addresses(&routes, family)
        try deleteServers(at: held ?? [])
        if let held { try deleteAddresses(held) }
        if let timeouts = try KernelSettings(family: family, options: options).restore(&sets) {
            try socket?.setTimeouts(timeouts)
        }
        for set in KubeSet.allCases { try sets.destroySoon(set.name(family)) }
        ports = [:]
        node = nil
        members = UseCounts()
        addresses = UseCounts()
        marks = FirewallMarks()
        draining = [:]
        watch.restart([:], entries: [:])
    }

    private mutating func deleteServers(at held: Set<IPAddress>) throws {
        do {
            try open()
        } catch let error as NetlinkError where error.code == ENOENT {
            return
        }
        let ownership = Ownership(
            family, options, held: held, members: try observedMembers())
        let servers = try socket?.servers() ?? []
        try socket?.apply(servers.filter { ownership.contains($0.key) }.map { .deleteServer($0.key) })
    }

    private mutating func deleteAddresses(_ held: Set<IPAddress>) throws {
        var plan = IPVSPlan(family)
        plan.deletedAddresses = held.filter { !options.leavesToOthers($0) }.sorted()
        try perform(plan)
        let isEmpty = try IPFamily.allCases.allSatisfy { try ServiceDevice.addresses(&routes, $0)?.isEmpty != false }
        if isEmpty { try routes.deleteLink(ServiceDevice.name) }
    }
}
