import CLinux
import NetTypes
import Netlink

/// A unicast route of the main table.
public struct Route: Sendable, Hashable {
    public var destination: CIDR
    /// nil: the destination is on the link.
    public var gateway: IPAddress?
    /// The interface; may be nil with a gateway.
    public var link: String?
    /// The source address the kernel prefers.
    public var source: IPAddress?
    /// Who made it (rtm_protocol): 3 is an administrator, as ip(8); numbers from 192 on are routing daemons'.
    public var origin: UInt8
    /// The gateway is taken to be on the link even if no route says so.
    public var isOnLink: Bool

    public init(
        _ destination: CIDR, via gateway: IPAddress? = nil, link: String? = nil, source: IPAddress? = nil,
        origin: UInt8 = UInt8(RTPROT_BOOT), isOnLink: Bool = false
    ) {
        self.destination = destination
        self.gateway = gateway
        self.link = link
        self.source = source
        self.origin = origin
        self.isOnLink = isOnLink
    }

    /// The default route through `gateway`.
    public static func `default`(via gateway: IPAddress, link: String? = nil) -> Route {
        Route(.everything(gateway.family), via: gateway, link: link)
    }
}

extension CIDR {
    /// 0.0.0.0/0 or ::/0.
    fileprivate static func everything(_ family: IPFamily) -> CIDR {
        CIDR(.unspecified(family), prefixLength: 0) ?? CIDR(host: .unspecified(family))
    }
}

extension RouteSocket {
    /// Throws EEXIST if the table has the route already.
    public mutating func addRoute(_ route: Route) throws(NetlinkError) {
        try change(route, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, "add")
    }

    /// Takes the place of another route to the same destination.
    public mutating func replaceRoute(_ route: Route) throws(NetlinkError) {
        try change(route, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, "set")
    }

    /// Throws ESRCH if the table has no such route.
    public mutating func deleteRoute(_ route: Route) throws(NetlinkError) {
        try change(route, RTM_DELROUTE, 0, "delete")
    }

    private mutating func change(_ route: Route, _ type: Int, _ flags: Int32, _ verb: String) throws(NetlinkError) {
        var index: Int32?
        if let name = route.link { index = try link(name).index }
        try change(type, flags, operation: "\(verb) route to \(route.destination)") { writer in
            var header = rtmsg()
            header.rtm_family = route.destination.family.number
            header.rtm_dst_len = route.destination.prefixLength
            header.rtm_table = UInt8(RT_TABLE_MAIN.rawValue)
            header.rtm_protocol = route.origin
            if route.isOnLink { header.rtm_flags = UInt32(RTNH_F_ONLINK) }
            header.rtm_scope = UInt8((route.gateway == nil ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE).rawValue)
            header.rtm_type = UInt8(RTN_UNICAST)
            writer.append(header)
            if route.destination.prefixLength > 0 {
                writer.attribute(Int(RTA_DST.rawValue), route.destination.address)
            }
            if let gateway = route.gateway { writer.attribute(Int(RTA_GATEWAY.rawValue), gateway) }
            if let index { writer.attribute(UInt16(RTA_OIF.rawValue), index) }
            if let source = route.source { writer.attribute(Int(RTA_PREFSRC.rawValue), source) }
        }
    }
}
