import CLinux
import NetTypes
import Netlink

extension Flow {
    /// Decodes an IPCTNL_MSG_CT_NEW message, as dumps have them; nil for anything else, or without both tuples.
    public init?(_ message: NetlinkMessage) {
        guard message.type == ConntrackMessage.type(IPCTNL_MSG_CT_NEW),
            message.payload.count >= MemoryLayout<nfgenmsg>.size
        else { return nil }
        var original: FlowTuple?
        var reply: FlowTuple?
        var status: FlowStatus = []
        var tcpState: TCPState?
        var zone: UInt16 = 0
        var mark: UInt32 = 0
        var id: UInt32 = 0
        for attribute in message.attributes(after: MemoryLayout<nfgenmsg>.size) {
            switch ctattr_type(UInt32(attribute.type)) {
            case CTA_TUPLE_ORIG: original = FlowTuple(attribute.nested)
            case CTA_TUPLE_REPLY: reply = FlowTuple(attribute.nested)
            case CTA_STATUS: status = FlowStatus(rawValue: attribute.big32 ?? 0)
            case CTA_PROTOINFO: tcpState = TCPState(protocolInformation: attribute.nested)
            case CTA_ZONE: zone = attribute.big16 ?? 0
            case CTA_MARK: mark = attribute.big32 ?? 0
            case CTA_ID: id = attribute.big32 ?? 0
            default: break
            }
        }
        guard let original, let reply else { return nil }
        self.init(
            original: original, reply: reply, status: status, tcpState: tcpState, zone: zone, mark: mark, id: id)
    }
}

extension FlowTuple {
    /// nil without both addresses or the protocol.
    fileprivate init?(_ attributes: NetlinkAttributes) {
        var source: IPAddress?
        var destination: IPAddress?
        var proto: UInt8?
        var sourcePort: UInt16 = 0
        var destinationPort: UInt16 = 0
        for group in attributes {
            switch ctattr_tuple(UInt32(group.type)) {
            case CTA_TUPLE_IP:
                for attribute in group.nested {
                    switch ctattr_ip(UInt32(attribute.type)) {
                    case CTA_IP_V4_SRC, CTA_IP_V6_SRC: source = attribute.address
                    case CTA_IP_V4_DST, CTA_IP_V6_DST: destination = attribute.address
                    default: break
                    }
                }
            case CTA_TUPLE_PROTO:
                for attribute in group.nested {
                    switch ctattr_l4proto(UInt32(attribute.type)) {
                    case CTA_PROTO_NUM: proto = attribute.uint8
                    case CTA_PROTO_SRC_PORT: sourcePort = attribute.big16 ?? 0
                    case CTA_PROTO_DST_PORT: destinationPort = attribute.big16 ?? 0
                    default: break
                    }
                }
            default: break
            }
        }
        guard let source, let destination, let proto else { return nil }
        self.init(
            source: source, destination: destination, proto: proto, sourcePort: sourcePort,
            destinationPort: destinationPort)
    }
}

extension TCPState {
    fileprivate init?(protocolInformation: NetlinkAttributes) {
        let tcp = protocolInformation.first(UInt16(CTA_PROTOINFO_TCP.rawValue))
        guard let state = tcp?.nested.first(UInt16(CTA_PROTOINFO_TCP_STATE.rawValue))?.uint8 else { return nil }
        self.init(state)
    }
}

extension NetlinkAttribute {
    fileprivate var big16: UInt16? { uint16.map { UInt16(bigEndian: $0) } }
    fileprivate var big32: UInt32? { uint32.map { UInt32(bigEndian: $0) } }

    /// By its length, IPv4 or IPv6.
    fileprivate var address: IPAddress? {
        switch value.count {
        case 4: IPAddress(v4: UInt32(bigEndian: value.loadUnaligned(as: UInt32.self)))
        case 16:
            IPAddress(
                high: UInt64(bigEndian: value.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: value.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        default: nil
        }
    }
}
