import CLinux
import NetTypes
import Netlink

/// The requests of ctnetlink, byte for byte.
enum ConntrackMessage {
    static func type(_ message: cntl_msg_types) -> UInt16 {
        UInt16(NFNL_SUBSYS_CTNETLINK) << 8 | UInt16(message.rawValue)
    }

    /// Asks for all flows of `family` (nil: of both) that `filter` matches, as far as the kernel can tell.
    static func dump(
        _ filter: FlowFilter, family: IPFamily?, sequence: UInt32, isFiltered: Bool = true
    ) -> [UInt8] {
        var writer = NetlinkWriter(capacity: 128)
        writer.begin(IPCTNL_MSG_CT_GET, NLM_F_DUMP, family, sequence)
        if isFiltered {
            writer.status(filter)
            if family != nil, filter.needsFamily { writer.tupleFilter(filter) }
        }
        writer.endMessage()
        return writer.bytes
    }

    /// Deletes exactly this flow. With a tuple: without one the kernel would empty the table.
    static func delete(_ flow: Flow, sequence: UInt32, into writer: inout NetlinkWriter) {
        writer.begin(IPCTNL_MSG_CT_DELETE, NLM_F_ACK, flow.family, sequence)
        let tuple = flow.original
        writer.nested(CTA_TUPLE_ORIG.rawValue) { writer in
            writer.nested(CTA_TUPLE_IP.rawValue) { writer in
                let isIPv4 = flow.family == .ipv4
                writer.address((isIPv4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC).rawValue, tuple.source)
                writer.address((isIPv4 ? CTA_IP_V4_DST : CTA_IP_V6_DST).rawValue, tuple.destination)
            }
            writer.nested(CTA_TUPLE_PROTO.rawValue) { writer in
                writer.attribute(UInt16(CTA_PROTO_NUM.rawValue), tuple.proto)
                writer.attribute(UInt16(CTA_PROTO_SRC_PORT.rawValue), tuple.sourcePort.bigEndian)
                writer.attribute(UInt16(CTA_PROTO_DST_PORT.rawValue), tuple.destinationPort.bigEndian)
            }
        }
        if flow.zone != 0 { writer.attribute(UInt16(CTA_ZONE.rawValue), flow.zone.bigEndian) }
        if flow.id != 0 { writer.attribute(UInt16(CTA_ID.rawValue), flow.id.bigEndian) }
        writer.endMessage()
    }
}

extension NetlinkWriter {
    fileprivate mutating func begin(_ message: cntl_msg_types, _ flags: Int32, _ family: IPFamily?, _ sequence: UInt32)
    {
        beginMessage(
            type: ConntrackMessage.type(message), flags: UInt16(NLM_F_REQUEST | flags), sequence: sequence)
        let number = family.map { $0 == .ipv4 ? AF_INET : AF_INET6 } ?? AF_UNSPEC
        append(nfgenmsg(nfgen_family: UInt8(number), version: UInt8(NFNETLINK_V0), res_id: 0))
    }

    fileprivate mutating func nested(_ type: UInt32, _ body: (inout NetlinkWriter) -> Void) {
        nested(UInt16(type), body)
    }

    fileprivate mutating func address(_ type: UInt32, _ address: IPAddress) {
        address.networkBytes.withUnsafeBytes { attribute(UInt16(type), bytes: $0) }
    }

    fileprivate mutating func status(_ filter: FlowFilter) {
        let mask = filter.set.union(filter.cleared)
        guard !mask.isEmpty else { return }
        attribute(UInt16(CTA_STATUS.rawValue), filter.set.rawValue.bigEndian)
        attribute(UInt16(CTA_STATUS_MASK.rawValue), mask.rawValue.bigEndian)
    }

    /// A tuple with the parts that count, and the bits that say which do.
    fileprivate mutating func tupleFilter(_ filter: FlowFilter) {
        var flags: UInt32 = 0
        nested(CTA_TUPLE_ORIG.rawValue) { writer in
            if let destination = filter.destination {
                flags |= APUS_CT_FILTER_DESTINATION
                writer.nested(CTA_TUPLE_IP.rawValue) {
                    $0.address((destination.family == .ipv4 ? CTA_IP_V4_DST : CTA_IP_V6_DST).rawValue, destination)
                }
            }
            if let proto = filter.proto {
                flags |= APUS_CT_FILTER_PROTOCOL
                writer.nested(CTA_TUPLE_PROTO.rawValue) { writer in
                    writer.attribute(UInt16(CTA_PROTO_NUM.rawValue), proto.rawValue)
                    if let port = filter.destinationPort {
                        flags |= APUS_CT_FILTER_DESTINATION_PORT
                        writer.attribute(UInt16(CTA_PROTO_DST_PORT.rawValue), port.bigEndian)
                    }
                }
            }
        }
        nested(CTA_FILTER.rawValue) { $0.attribute(UInt16(CTA_FILTER_ORIG_FLAGS.rawValue), flags) }
    }
}
