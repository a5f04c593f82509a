import CLinux
import Glibc
import NetTypes
import Netlink

/// A route of the main table as the kernel tells it.
public struct ListedRoute: Sendable, Hashable {
    public let destination: CIDR
    /// Nil: on the link. Of a multipath route, nil too.
    public let gateway: IPAddress?
    /// Index of the interface; nil for multipath and unreachable routes.
    public let link: Int32?
    /// rtm_protocol: see `Route.origin`.
    public let origin: UInt8
    public let priority: UInt32
    /// A packet has a next hop: neither a local address nor a refusal.
    public let isUnicast: Bool

    /// Decodes an RTM_NEWROUTE or RTM_DELROUTE message of the main table; nil for anything else, clones of the routing
    /// cache, or when it is cut short.
    init?(_ message: NetlinkMessage) {
        guard [RTM_NEWROUTE, RTM_DELROUTE].contains(Int(message.type)),
            message.payload.count >= MemoryLayout<rtmsg>.size
        else { return nil }
        let header = message.payload.loadUnaligned(as: rtmsg.self)
        guard header.rtm_flags & UInt32(RTM_F_CLONED) == 0,
            message.routingTable ?? UInt32(header.rtm_table) == UInt32(RT_TABLE_MAIN.rawValue)
        else { return nil }
        let family: IPFamily
        switch Int32(header.rtm_family) {
        case AF_INET: family = .ipv4
        case AF_INET6: family = .ipv6
        default: return nil
        }
        var address = IPAddress.unspecified(family)
        var gateway: IPAddress?
        var link: Int32?
        var priority: UInt32 = 0
        for attribute in message.attributes(after: MemoryLayout<rtmsg>.size) {
            switch UInt32(attribute.type) {
            case RTA_DST.rawValue: address = IPAddress(networkBytes: attribute.value) ?? address
            case RTA_GATEWAY.rawValue: gateway = IPAddress(networkBytes: attribute.value)
            case RTA_OIF.rawValue: link = attribute.uint32.map { Int32(bitPattern: $0) }
            case RTA_PRIORITY.rawValue: priority = attribute.uint32 ?? 0
            default: break
            }
        }
        guard let destination = CIDR(address, prefixLength: header.rtm_dst_len) else { return nil }
        self.destination = destination
        self.gateway = gateway
        self.link = link
        self.priority = priority
        origin = header.rtm_protocol
        isUnicast = Int(header.rtm_type) == Int(RTN_UNICAST)
    }
}

extension RouteSocket {
    /// The routes of the main table, both families.
    public mutating func routes() throws(NetlinkError) -> [ListedRoute] {
        try list(RTM_GETROUTE, rtmsg(), operation: "list routes", ListedRoute.init)
    }
}

/// Tells of changed routes of the main table in the namespace of the thread that opens it.
///
/// Open it before the first list: then nothing falls between the two.
public struct RouteMonitor: ~Copyable {
    private var socket: NetlinkSocket

    public init() throws(NetlinkError) {
        let socket = try NetlinkSocket(.route, receiveBuffer: 1 << 20)
        for group in [RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_LINK] { try socket.subscribe(group.rawValue) }
        self.socket = socket
    }

    /// Readable when there is something to drain; owned by the monitor.
    public var descriptor: CInt { socket.descriptor }

    /// True when a route or an interface changed since the last call, or the kernel had to drop messages; never waits.
    /// Changes by `own`, the port of our own socket, do not count.
    public mutating func drain(except own: UInt32) throws(NetlinkError) -> Bool {
        var isChanged = false
        while true {
            do {
                let hadMore = try socket.receive(waiting: false, operation: "read route changes") { message in
                    isChanged = isChanged || message.portID != own
                    return true
                }
                if !hadMore { return isChanged }
            } catch  where error.code == ENOBUFS {
                isChanged = true
            }
        }
    }
}
