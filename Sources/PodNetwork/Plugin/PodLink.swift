import CNI
import Glibc
import Namespaces
import NetTypes
import Routes

/// The veth pair of a pod, and what the kernel must know on both of its ends. The calling thread's namespace is the node's.
struct PodLink {
    let containerID: String
    /// The pod's end.
    let interface: String

    /// Of the node's end, always the same: the pod can know it without asking.
    static let hostHardwareAddress: [UInt8] = [0xee, 0xee, 0xee, 0xee, 0xee, 0xee]
    static let hostHardwareText = "ee:ee:ee:ee:ee:ee"
    static let gateway4 = IPAddress(169, 254, 1, 1)
    /// The link-local address that follows from the hardware address (RFC 4291, appendix A).
    static let gateway6 = IPAddress(high: 0xfe80 << 48, low: 0xecee_eeff_feee_eeee)
    /// rtm_protocol of our routes.
    static let origin: UInt8 = 193

    static func gateway(_ family: IPFamily) -> IPAddress { family == .ipv4 ? gateway4 : gateway6 }

    /// The node's end: the same container and interface have the same name, at any time.
    var hostName: String {
        // FNV-1a, 64 bits; 44 of them fit in a name.
        let hash = "\(containerID)/\(interface)".utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        let digits = String(hash >> 20, radix: 16)
        return "apus" + String(repeating: "0", count: max(0, 11 - digits.count)) + digits
    }

    // MARK: Making

    /// Makes the pair anew and returns the hardware address of the pod's end. After an error nothing of it is left.
    func create(_ namespace: borrowing NetworkNamespace, _ addresses: [IPAddress], mtu: UInt32?) throws -> [UInt8] {
        let own = try NetworkNamespace.current()
        guard !namespace.isSame(as: own) else {
            throw PodNetworkError("the pod's network namespace is the node's own")
        }
        var routes = try RouteSocket()
        // What a crash left: it leads nowhere.
        try routes.deleteLink(hostName)
        let mtu = try mtu ?? Self.uplinkMTU(&routes)
        try routes.createVeth(
            hostName, peer: interface, inNamespace: namespace.descriptor, mtu: mtu,
            hardwareAddress: Self.hostHardwareAddress)
        do {
            let hardwareAddress = try setUpInside(namespace, addresses)
            try setUpOutside(&routes, addresses, podHardwareAddress: hardwareAddress)
            return hardwareAddress
        } catch {
            try? routes.deleteLink(hostName)
            throw error
        }
    }

    /// Deletes the pair; one that is gone is no error. Routes and neighbours go with it.
    func delete() throws {
        var routes = try RouteSocket()
        try routes.deleteLink(hostName)
    }

    private func setUpInside(
        _ namespace: borrowing NetworkNamespace, _ addresses: [IPAddress]
    ) throws -> [UInt8] {
        try namespace.run {
            var routes = try RouteSocket()
            try routes.setUp("lo")
            if addresses.contains(where: { $0.family == .ipv6 }) {
                for (name, value) in [("disable_ipv6", "0"), ("accept_ra", "0"), ("accept_dad", "0")] {
                    try Self.ensure("net/ipv6/conf/\(interface)/\(name)", value)
                }
            }
            try routes.setUp(interface)
            for address in addresses {
                try routes.addAddress(address, prefixLength: address.family.bits, to: interface)
                let gateway = Self.gateway(address.family)
                // Nobody needs to answer for the gateway: its hardware address is known.
                try routes.setNeighbour(gateway, hardwareAddress: Self.hostHardwareAddress, link: interface)
                if address.family == .ipv4 { try routes.replaceRoute(Route(CIDR(host: gateway), link: interface)) }
                try routes.replaceRoute(.default(via: gateway, link: interface))
            }
            return try routes.link(interface).hardwareAddress
        }
    }

    private func setUpOutside(
        _ routes: inout RouteSocket, _ addresses: [IPAddress], podHardwareAddress: [UInt8]
    ) throws {
        for setting in Self.settings(addresses, hostName: hostName) { try Self.ensure(setting.name, setting.value) }
        try routes.setUp(hostName)
        for address in addresses {
            try routes.setNeighbour(address, hardwareAddress: podHardwareAddress, link: hostName)
            try routes.replaceRoute(Route(CIDR(host: address), link: hostName, origin: Self.origin))
        }
    }

    struct Setting: Equatable {
        var name: String
        var value: String
    }

    /// The node answers for the gateway's address, takes from the interface only what has the pod's address as its source,
    /// and forwards.
    static func settings(_ addresses: [IPAddress], hostName: String) -> [Setting] {
        var settings: [Setting] = []
        if addresses.contains(where: { $0.family == .ipv4 }) {
            settings += [
                Setting(name: "net/ipv4/ip_forward", value: "1"),
                Setting(name: "net/ipv4/conf/\(hostName)/proxy_arp", value: "1"),
                Setting(name: "net/ipv4/neigh/\(hostName)/proxy_delay", value: "0"),
                Setting(name: "net/ipv4/conf/\(hostName)/rp_filter", value: "1"),
                Setting(name: "net/ipv4/conf/\(hostName)/forwarding", value: "1"),
            ]
        }
        if addresses.contains(where: { $0.family == .ipv6 }) {
            settings += [
                Setting(name: "net/ipv6/conf/all/forwarding", value: "1"),
                Setting(name: "net/ipv6/conf/\(hostName)/disable_ipv6", value: "0"),
                Setting(name: "net/ipv6/conf/\(hostName)/accept_ra", value: "0"),
                Setting(name: "net/ipv6/conf/\(hostName)/accept_dad", value: "0"),
                Setting(name: "net/ipv6/conf/\(hostName)/proxy_ndp", value: "1"),
                Setting(name: "net/ipv6/conf/\(hostName)/forwarding", value: "1"),
            ]
        }
        return settings
    }

    /// Writes a setting unless it has the value: where settings are read-only somebody else may have set it.
    private static func ensure(_ name: String, _ value: String) throws {
        if (try? Sysctl.read(name)) == value { return }
        try Sysctl.write(name, value)
    }

    /// Of the interface that leads to everybody else; 1500 without one.
    private static func uplinkMTU(_ routes: inout RouteSocket) throws -> UInt32 {
        let uplink = try routes.routes().first { $0.destination.isEverything && $0.isUnicast && $0.link != nil }
        guard let uplink else { return 1500 }
        return try routes.links().first { $0.index == uplink.link }.map { max(1280, $0.mtu) } ?? 1500
    }

    // MARK: Checking

    /// Throws what is not as `create` made it.
    func check(_ namespace: borrowing NetworkNamespace, _ addresses: [IPAddress]) throws {
        var routes = try RouteSocket()
        let link: Link
        do { link = try routes.link(hostName) } catch {
            throw PodNetworkError("the node has no interface \(hostName) for container \(containerID)")
        }
        guard link.kind == "veth", link.isUp, link.hardwareAddress == Self.hostHardwareAddress else {
            throw PodNetworkError("the node's interface \(hostName) is down, or was changed")
        }
        let there = try routes.routes()
        for address in addresses {
            let isRouted = there.contains { $0.destination == CIDR(host: address) && $0.link == link.index }
            guard isRouted else { throw PodNetworkError("the node has no route to \(address) through \(hostName)") }
        }
        try namespace.run { try checkInside(addresses) }
    }

    private func checkInside(_ addresses: [IPAddress]) throws {
        var routes = try RouteSocket()
        guard let link = try? routes.link(interface), link.isUp else {
            throw PodNetworkError("the pod has no interface \(interface), or it is down")
        }
        let own = try routes.addresses().filter { $0.link == link.index }
        let there = try routes.routes()
        for address in addresses {
            guard own.contains(where: { $0.address == address && $0.prefixLength == address.family.bits }) else {
                throw PodNetworkError("the pod's interface \(interface) does not have the address \(address)")
            }
            let gateway = Self.gateway(address.family)
            guard
                there.contains(where: { $0.destination.isEverything && $0.gateway == gateway && $0.link == link.index })
            else { throw PodNetworkError("the pod has no default route through \(gateway)") }
        }
    }
}
