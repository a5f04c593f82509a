import CLinux
import Netlink

/// A network interface.
public struct Link: Sendable, Hashable {
    public let index: Int32
    public let name: String
    /// `veth`, `bridge`, ...; empty for hardware and loopback.
    public let kind: String
    public let flags: UInt32
    public let mtu: UInt32
    /// The bridge or bond it belongs to.
    public let master: Int32?
    /// Six bytes on Ethernet and what looks like it; empty where there is none.
    public let hardwareAddress: [UInt8]

    /// Somebody set it up; whether it has a carrier is another matter.
    public var isUp: Bool { flags & UInt32(IFF_UP) != 0 }
    public var isRunning: Bool { flags & UInt32(IFF_RUNNING) != 0 }
    public var isLoopback: Bool { flags & UInt32(IFF_LOOPBACK) != 0 }

    /// Decodes an RTM_NEWLINK or RTM_DELLINK message; nil for anything else or when it is cut short.
    init?(_ message: NetlinkMessage) {
        guard [RTM_NEWLINK, RTM_DELLINK].contains(Int(message.type)),
            message.payload.count >= MemoryLayout<ifinfomsg>.size
        else { return nil }
        let header = message.payload.loadUnaligned(as: ifinfomsg.self)
        // Bridges announce their ports under the AF_BRIDGE family as well; those are not links.
        guard header.ifi_family == UInt8(AF_UNSPEC) else { return nil }
        var name = ""
        var kind = ""
        var mtu: UInt32 = 0
        var master: Int32?
        var hardwareAddress: [UInt8] = []
        for attribute in message.attributes(after: MemoryLayout<ifinfomsg>.size) {
            switch Int(attribute.type) {
            case IFLA_IFNAME: name = attribute.string
            case IFLA_MTU: mtu = attribute.uint32 ?? 0
            case IFLA_MASTER: master = attribute.uint32.map { Int32(bitPattern: $0) }
            case IFLA_ADDRESS: hardwareAddress = Array(attribute.value)
            case IFLA_LINKINFO: kind = attribute.nested.first(UInt16(IFLA_INFO_KIND))?.string ?? ""
            default: break
            }
        }
        guard !name.isEmpty else { return nil }
        self.index = header.ifi_index
        self.name = name
        self.kind = kind
        self.flags = header.ifi_flags
        self.mtu = mtu
        self.master = master
        self.hardwareAddress = hardwareAddress
    }
}
