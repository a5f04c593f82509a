import IPSet
import NetTypes
import Routes

/// The sysctls of this mode. What they were before is written into an ipset's comments: it lives as long as the
/// namespace and its settings do, and any later process can restore them.
struct KernelSettings {
    let family: IPFamily
    let strictARP: Bool

    private var wanted: [(name: String, value: String)] {
        // Without conntrack there is no masquerading; the others let go of destinations that are gone.
        var wanted = [
            ("net.ipv4.vs.conntrack", "1"), ("net.ipv4.vs.expire_nodest_conn", "1"),
            ("net.ipv4.vs.expire_quiescent_template", "1"),
        ]
        if family == .ipv4 { wanted.append(("net.ipv4.ip_forward", "1")) }
        if family == .ipv4, strictARP {
            wanted += [("net.ipv4.conf.all.arp_ignore", "1"), ("net.ipv4.conf.all.arp_announce", "2")]
        }
        return wanted
    }

    func set(_ sets: inout IPSetSocket) throws {
        let store = KubeSet.settings.name(family)
        var known = try sets.contents(of: store)?.entries.compactMap(\.comment) ?? []
        for (name, value) in wanted {
            let before = try Sysctl.read(name)
            guard before != value else { continue }
            if !known.contains(where: { $0.hasPrefix(name + "=") }) {
                let slot = SetEntry(.ip(Self.slot(known.count, family)), comment: "\(name)=\(before)")
                try sets.add(CollectionOfOne(slot), to: store)
                known.append("\(name)=\(before)")
            }
            try Sysctl.write(name, value)
        }
    }

    func restore(_ sets: inout IPSetSocket) throws {
        for comment in try sets.contents(of: KubeSet.settings.name(family))?.entries.compactMap(\.comment) ?? [] {
            let parts = comment.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { try Sysctl.write(String(parts[0]), String(parts[1])) }
        }
    }

    /// Entries of a set of addresses need one; it has no meaning.
    private static func slot(_ index: Int, _ family: IPFamily) -> IPAddress {
        family == .ipv4 ? IPAddress(v4: UInt32(index) + 1) : IPAddress(high: 0, low: UInt64(index) + 1)
    }
}
