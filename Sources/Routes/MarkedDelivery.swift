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
    /// Puts in place what is missing of it, and its route in another's place; false when nothing was missing.
    @discardableResult
    public mutating func install(_ delivery: MarkedDelivery) throws(NetlinkError) -> Bool {
        if try delivers(delivery) { return false }
        try changeRoute(delivery, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, "add", accepting: [])
        try changeRule(delivery, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, "add", accepting: [EEXIST])
        return true
    }

    /// True when the kernel would deliver marked packets here because of the table. It is asked for the way of one packet
    /// (to a documentation address, RFC 5737 and 3849), whatever number of rules and routes there are.
    public mutating func delivers(_ delivery: MarkedDelivery) throws(NetlinkError) -> Bool {
        let documentation =
            delivery.family == .ipv4 ? IPAddress(192, 0, 2, 1) : IPAddress(high: 0x2001_0db8_0000_0000, low: 1)
        var delivers = false
        do {
            try get(RTM_GETROUTE, NLM_F_ACK, operation: "ask for the way of marked packets") { writer in
                var header = rtmsg()
                header.rtm_family = delivery.family.number
                header.rtm_dst_len = delivery.family.bits
                header.rtm_flags = UInt32(RTM_F_LOOKUP_TABLE)
                writer.append(header)
                writer.attribute(Int(RTA_DST.rawValue), documentation)
                writer.attribute(UInt16(RTA_MARK.rawValue), delivery.mark)
            } body: { answer in
                guard answer.payload.count >= MemoryLayout<rtmsg>.size else { return }
                let header = answer.payload.loadUnaligned(as: rtmsg.self)
                delivers = Int(header.rtm_type) == Int(RTN_LOCAL) && answer.routingTable == delivery.table
            }
        } catch  where [ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL].contains(error.code) {
            // There is no way, or one that says no.
            return false
        }
        return delivers
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

extension NetlinkMessage {
    /// The table that a message about a route or a rule names: FRA_TABLE has the number of RTA_TABLE.
    var routingTable: UInt32? {
        attributes(after: MemoryLayout<rtmsg>.size).first(UInt16(RTA_TABLE.rawValue))?.uint32
    }
}
