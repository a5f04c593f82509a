import CLinux
import Glibc
import NetTypes
import Netlink

/// Policy routing that delivers marked packets to this machine whatever their destination: the rule
/// `fwmark MARK/MASK lookup TABLE`, and in that table `local default dev lo`.
public struct MarkedDelivery: Sendable, Hashable {
    public var family: IPFamily
    public var mark: UInt32
    public var mask: UInt32
    /// The table; the rule's priority is the same number.
    public var table: UInt32

    public init(_ family: IPFamily, mark: UInt32, mask: UInt32, table: UInt32) {
        self.family = family
        self.mark = mark
        self.mask = mask
        self.table = table
    }
}

extension RouteSocket {
    /// Puts in place what is missing of it.
    public mutating func install(_ delivery: MarkedDelivery) throws(NetlinkError) {
        try changeRoute(delivery, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, "add", accepting: [EEXIST])
        try changeRule(delivery, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, "add", accepting: [EEXIST])
    }

    /// Takes away what is there of it.
    public mutating func remove(_ delivery: MarkedDelivery) throws(NetlinkError) {
        try changeRule(delivery, RTM_DELRULE, 0, "delete", accepting: [ENOENT])
        try changeRoute(delivery, RTM_DELROUTE, 0, "delete", accepting: [ESRCH])
    }

    private mutating func changeRule(
        _ delivery: MarkedDelivery, _ type: Int, _ flags: Int32, _ verb: String, accepting codes: [CInt]
    ) throws(NetlinkError) {
        do {
            try change(type, flags, operation: "\(verb) the routing rule for marked packets") { writer in
                var header = rtmsg()
                header.rtm_family = delivery.family.number
                // FR_ACT_TO_TBL has the number of a unicast route.
                header.rtm_type = UInt8(RTN_UNICAST)
                writer.append(header)
                writer.attribute(UInt16(FRA_PRIORITY), delivery.table)
                writer.attribute(UInt16(FRA_FWMARK), delivery.mark)
                writer.attribute(UInt16(FRA_FWMASK), delivery.mask)
                writer.attribute(UInt16(FRA_TABLE), delivery.table)
            }
        } catch  where codes.contains(error.code) {}
    }

    private mutating func changeRoute(
        _ delivery: MarkedDelivery, _ type: Int, _ flags: Int32, _ verb: String, accepting codes: [CInt]
    ) throws(NetlinkError) {
        let loopback = try link("lo").index
        do {
            try change(type, flags, operation: "\(verb) the local route for marked packets") { writer in
                var header = rtmsg()
                header.rtm_family = delivery.family.number
                header.rtm_protocol = UInt8(RTPROT_BOOT)
                header.rtm_scope = UInt8(RT_SCOPE_HOST.rawValue)
                header.rtm_type = UInt8(RTN_LOCAL)
                writer.append(header)
                writer.attribute(UInt16(RTA_TABLE.rawValue), delivery.table)
                writer.attribute(UInt16(RTA_OIF.rawValue), loopback)
            }
        } catch  where codes.contains(error.code) {}
    }
}
