import CIPSet
import Glibc
import NetTypes
import Netlink

/// A set as the kernel lists it.
public struct SetContents: Sendable {
    public let spec: SetSpec
    /// Rules and lists of sets that refer to it.
    public let references: UInt32
    /// How many entries it has, as the kernel counts them.
    public let count: UInt32
    /// In the kernel's order; empty when only headers were asked for.
    public internal(set) var entries: [SetEntry] = []

    /// nil for types that this library has no entries for.
    init?(_ attributes: NetlinkAttributes) {
        guard let name = attributes.first(UInt16(IPSET_ATTR_SETNAME))?.string,
            let kind = attributes.first(UInt16(IPSET_ATTR_TYPENAME)).flatMap({ SetKind(rawValue: $0.string) }),
            let data = attributes.first(UInt16(IPSET_ATTR_DATA))?.nested
        else { return nil }
        let family = attributes.first(UInt16(IPSET_ATTR_FAMILY))?.uint8
        let flags = data.first(UInt16(IPSET_ATTR_CADT_FLAGS))?.uint32?.byteSwapped ?? 0
        let ports = [IPSET_ATTR_PORT, IPSET_ATTR_PORT_TO].map { data.first(UInt16($0))?.uint16?.byteSwapped }
        var range: ClosedRange<UInt16> = 0...65535
        if let low = ports[0], let high = ports[1], low <= high { range = low...high }
        spec = SetSpec(
            name, kind, family == UInt8(AF_INET6) ? .ipv6 : .ipv4,
            hasComments: flags & UInt32(IPSET_FLAG_WITH_COMMENT.rawValue) != 0,
            hasMarks: flags & UInt32(IPSET_FLAG_WITH_SKBINFO.rawValue) != 0,
            timeout: data.first(UInt16(IPSET_ATTR_TIMEOUT))?.uint32?.byteSwapped,
            maxElements: data.first(UInt16(IPSET_ATTR_MAXELEM))?.uint32?.byteSwapped ?? 1 << 20, ports: range)
        count = data.first(UInt16(IPSET_ATTR_ELEMENTS))?.uint32?.byteSwapped ?? 0
        references = data.first(UInt16(IPSET_ATTR_REFERENCES))?.uint32?.byteSwapped ?? 0
    }
}

extension SetEntry {
    /// nil when the kernel left out what the kind needs.
    init?(_ kind: SetKind, _ data: NetlinkAttributes) {
        guard let key = Key(kind, EntryFields(data)) else { return nil }
        self.init(
            key, timeout: data.first(UInt16(IPSET_ATTR_TIMEOUT))?.uint32?.byteSwapped,
            comment: data.first(UInt16(IPSET_ATTR_COMMENT))?.string,
            mark: data.first(UInt16(IPSET_ATTR_SKBMARK))?.uint64.map { UInt32($0.byteSwapped >> 32) })
    }
}

private struct EntryFields {
    var ip: IPAddress?
    var other: IPAddress?
    var length: UInt8?
    var otherLength: UInt8?
    var proto: TransportProtocol?
    var port: UInt16?

    init(_ data: NetlinkAttributes) {
        for attribute in data {
            switch Int(attribute.type) {
            case IPSET_ATTR_IP: ip = Self.address(attribute)
            case IPSET_ATTR_IP2: other = Self.address(attribute)
            case IPSET_ATTR_CIDR: length = attribute.uint8
            case IPSET_ATTR_CIDR2: otherLength = attribute.uint8
            case IPSET_ATTR_PROTO: proto = attribute.uint8.flatMap(TransportProtocol.init(rawValue:))
            case IPSET_ATTR_PORT: port = attribute.uint16?.byteSwapped
            default: break
            }
        }
    }

    private static func address(_ attribute: NetlinkAttribute) -> IPAddress? {
        attribute.nested.first { _ in true }.flatMap { IPAddress(networkBytes: $0.value) }
    }

    var net: CIDR? { ip.flatMap { CIDR($0, prefixLength: length ?? $0.family.bits) } }
    var otherNet: CIDR? { other.flatMap { CIDR($0, prefixLength: otherLength ?? $0.family.bits) } }
}

extension SetEntry.Key {
    fileprivate init?(_ kind: SetKind, _ fields: EntryFields) {
        switch kind {
        case .hashIP:
            guard let ip = fields.ip else { return nil }
            self = .ip(ip)
        case .hashNet:
            guard let net = fields.net else { return nil }
            self = .net(net)
        case .bitmapPort:
            guard let port = fields.port else { return nil }
            self = .port(port)
        default:
            guard let proto = fields.proto, let port = fields.port else { return nil }
            self.init(kind, proto, port, fields)
        }
    }

    private init?(_ kind: SetKind, _ proto: TransportProtocol, _ port: UInt16, _ fields: EntryFields) {
        guard let ip = fields.ip else { return nil }
        switch kind {
        case .hashIPPort: self = .ipPort(ip, proto, port)
        case .hashNetPort:
            guard let net = fields.net else { return nil }
            self = .netPort(net, proto, port)
        case .hashIPPortIP:
            guard let other = fields.other else { return nil }
            self = .ipPortIP(ip, proto, port, other)
        case .hashIPPortNet:
            guard let net = fields.otherNet else { return nil }
            self = .ipPortNet(ip, proto, port, net)
        default: return nil
        }
    }
}
