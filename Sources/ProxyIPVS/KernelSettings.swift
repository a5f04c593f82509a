import IPSet
import IPVS
import NetTypes
import Routes

/// The sysctls and timeouts of this mode, and what they were before.
struct KernelSettings {
    let family: IPFamily
    let options: IPVSOptions

    private static let timeouts = "ipvs.timeouts"
    /// Set by the daemon, where node ports are to answer on loopback addresses.
    private static let routeLocalnet = "net.ipv4.conf.all.route_localnet"

    private var kept: KeptSettings { KeptSettings(set: KubeSet.settings.name(family), family) }

    private var wanted: [KeptSettings.Setting] {
        // Without conntrack there is no masquerading; the others let go of destinations that are gone.
        var wanted = [
            KeptSettings.Setting("net.ipv4.vs.conntrack", "1"), .init("net.ipv4.vs.expire_nodest_conn", "1"),
            .init("net.ipv4.vs.expire_quiescent_template", "1"),
        ]
        if family == .ipv4 { wanted.append(.init("net.ipv4.ip_forward", "1")) }
        if family == .ipv4, options.strictARP {
            wanted += [.init("net.ipv4.conf.all.arp_ignore", "1"), .init("net.ipv4.conf.all.arp_announce", "2")]
        }
        return wanted
    }

    func set(_ sets: inout IPSetSocket) throws {
        try kept.set(wanted, &sets)
        if family == .ipv4 {
            try kept.keep(.init(Self.routeLocalnet, Sysctl.read(Self.routeLocalnet)), &sets)
        }
    }

    /// Whether the timeouts must change; then keeps what they are.
    func keep(_ timeouts: IPVSTimeouts, _ sets: inout IPSetSocket) throws -> Bool {
        guard timeouts != timeouts.changed(by: options.timeouts) else { return false }
        try kept.keep(.init(Self.timeouts, timeouts.text), &sets)
        return true
    }

    /// Sets the sysctls back, and returns the timeouts as they were; nil where they were not changed.
    func restore(_ sets: inout IPSetSocket) throws -> IPVSTimeouts? {
        try kept.restore(&sets).first { $0.name == Self.timeouts }.flatMap { IPVSTimeouts(text: $0.value) }
    }
}

extension IPVSOptions {
    /// Those of 0 seconds stay the kernel's.
    var timeouts: IPVSTimeouts { IPVSTimeouts(tcp: tcpTimeout, tcpFin: tcpFinTimeout, udp: udpTimeout) }
}

extension IPVSTimeouts {
    func changed(by new: IPVSTimeouts) -> IPVSTimeouts {
        IPVSTimeouts(
            tcp: new.tcp > 0 ? new.tcp : tcp, tcpFin: new.tcpFin > 0 ? new.tcpFin : tcpFin,
            udp: new.udp > 0 ? new.udp : udp)
    }

    /// As `ipvsadm --set` takes them.
    var text: String { "\(tcp) \(tcpFin) \(udp)" }

    init?(text: String) {
        let values = text.split(separator: " ").compactMap { UInt32($0) }
        guard values.count == 3 else { return nil }
        self.init(tcp: values[0], tcpFin: values[1], udp: values[2])
    }
}
