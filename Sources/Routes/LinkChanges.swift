import CLinux
import Glibc
import Netlink

extension RouteSocket {
    /// Makes a pair of connected interfaces. The peer is born in the namespace whose descriptor is given, else here.
    /// - Parameters:
    ///   - mtu: of both; nil is the kernel's choice.
    ///   - hardwareAddress: six bytes, of this end.
    public mutating func createVeth(
        _ name: String, peer: String, inNamespace namespace: CInt? = nil, mtu: UInt32? = nil,
        hardwareAddress: [UInt8]? = nil
    ) throws(NetlinkError) {
        try create("veth", name) { writer in
            if let mtu { writer.attribute(UInt16(IFLA_MTU), mtu) }
            if let hardwareAddress {
                hardwareAddress.withUnsafeBytes { writer.attribute(UInt16(IFLA_ADDRESS), bytes: $0) }
            }
        } data: { writer in
            writer.nested(UInt16(IFLA_INFO_DATA)) { writer in
                writer.nested(UInt16(VETH_INFO_PEER)) { writer in
                    writer.append(ifinfomsg())
                    writer.attribute(UInt16(IFLA_IFNAME), peer)
                    if let mtu { writer.attribute(UInt16(IFLA_MTU), mtu) }
                    if let namespace { writer.attribute(UInt16(IFLA_NET_NS_FD), namespace) }
                }
            }
        }
    }

    public mutating func createBridge(_ name: String) throws(NetlinkError) {
        try create("bridge", name)
    }

    /// Makes an interface that only holds addresses; throws EOPNOTSUPP on a kernel without such.
    public mutating func createDummy(_ name: String) throws(NetlinkError) {
        try create("dummy", name)
    }

    private mutating func create(
        _ kind: String, _ name: String, _ fill: (inout NetlinkWriter) -> Void = { _ in },
        data: (inout NetlinkWriter) -> Void = { _ in }
    ) throws(NetlinkError) {
        try change(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, operation: "create \(kind) \(name)") { writer in
            writer.append(ifinfomsg())
            writer.attribute(UInt16(IFLA_IFNAME), name)
            fill(&writer)
            writer.nested(UInt16(IFLA_LINKINFO)) { writer in
                writer.attribute(UInt16(IFLA_INFO_KIND), kind)
                data(&writer)
            }
        }
    }

    public mutating func setUp(_ name: String) throws(NetlinkError) {
        try set(name, flags: UInt32(IFF_UP), operation: "set \(name) up") { _ in }
    }

    public mutating func setDown(_ name: String) throws(NetlinkError) {
        try set(name, flags: 0, operation: "set \(name) down") { _ in }
    }

    /// Plugs an interface into a bridge.
    public mutating func attach(_ name: String, to bridge: String) throws(NetlinkError) {
        let index = try link(bridge).index
        try set(name, operation: "attach \(name) to \(bridge)") { $0.attribute(UInt16(IFLA_MASTER), index) }
    }

    /// Moves an interface into the namespace whose descriptor is given; it arrives down and without addresses.
    public mutating func move(_ name: String, toNamespace namespace: CInt) throws(NetlinkError) {
        try set(name, operation: "move \(name)") { $0.attribute(UInt16(IFLA_NET_NS_FD), namespace) }
    }

    /// Deletes an interface (of a veth pair, both). One that does not exist is no error.
    public mutating func deleteLink(_ name: String) throws(NetlinkError) {
        do {
            try change(RTM_DELLINK, operation: "delete \(name)") { writer in
                writer.append(ifinfomsg())
                writer.attribute(UInt16(IFLA_IFNAME), name)
            }
        } catch  where error.code == ENODEV {
            return
        }
    }

    /// `flags` is the new state of IFF_UP; nil leaves it.
    private mutating func set(
        _ name: String, flags: UInt32? = nil, operation: String, _ fill: (inout NetlinkWriter) -> Void
    ) throws(NetlinkError) {
        try change(RTM_NEWLINK, operation: operation) { writer in
            var header = ifinfomsg()
            if let flags {
                header.ifi_flags = flags
                header.ifi_change = UInt32(IFF_UP)
            }
            writer.append(header)
            writer.attribute(UInt16(IFLA_IFNAME), name)
            fill(&writer)
        }
    }
}
