import CIPSet
import CLinux
import Glibc
import NetTypes
import Netlink

/// Builds the messages of linux/netfilter/ipset/ip_set.h. Numbers wider than a byte travel in network order and say
/// so in their type.
struct IPSetMessage {
    var writer = NetlinkWriter()

    static let familyHeaderLength = 4
    /// An attribute holds less than 64 KiB, and no entry comes near this.
    private static let mostBytes = 60_000

    static func type(_ command: ipset_cmd) -> UInt16 {
        UInt16(NFNL_SUBSYS_IPSET) << 8 | UInt16(command.rawValue)
    }

    mutating func begin(_ command: ipset_cmd, _ flags: Int32, _ sequence: UInt32, set: String? = nil) {
        writer.beginMessage(type: Self.type(command), flags: UInt16(NLM_F_REQUEST | flags), sequence: sequence)
        // nfgenmsg: family, version, resource.
        writer.append(UInt8(AF_INET))
        writer.append(UInt8(NFNETLINK_V0))
        writer.append(UInt16(0))
        writer.attribute(UInt16(IPSET_ATTR_PROTOCOL), UInt8(IPSET_PROTOCOL))
        if let set { writer.attribute(UInt16(IPSET_ATTR_SETNAME), set) }
    }

    mutating func end() { writer.endMessage() }

    mutating func create(_ spec: SetSpec, revision: UInt8, _ sequence: UInt32) {
        // Without NLM_F_EXCL an equal set that exists is no error.
        begin(IPSET_CMD_CREATE, NLM_F_ACK | NLM_F_CREATE, sequence, set: spec.name)
        writer.attribute(UInt16(IPSET_ATTR_TYPENAME), spec.kind.rawValue)
        writer.attribute(UInt16(IPSET_ATTR_REVISION), revision)
        writer.attribute(UInt16(IPSET_ATTR_FAMILY), spec.familyNumber)
        writer.nested(UInt16(IPSET_ATTR_DATA)) { data in
            if spec.kind == .bitmapPort {
                data.number(IPSET_ATTR_PORT, spec.ports.lowerBound)
                data.number(IPSET_ATTR_PORT_TO, spec.ports.upperBound)
            } else {
                data.number(IPSET_ATTR_MAXELEM, spec.maxElements)
            }
            if let timeout = spec.timeout { data.number(IPSET_ATTR_TIMEOUT, timeout) }
            if spec.extensions != 0 { data.number(IPSET_ATTR_CADT_FLAGS, spec.extensions) }
        }
        end()
    }

    /// Appends a message with as many entries as fit and returns the others. What is there already, or not there to
    /// delete, is no error.
    mutating func change(
        _ command: ipset_cmd, _ entries: ArraySlice<SetEntry>, of set: String, _ sequence: UInt32
    ) -> ArraySlice<SetEntry> {
        begin(command, NLM_F_ACK, sequence, set: set)
        // The kernel takes several entries only from messages with a line number.
        writer.attribute(UInt16(IPSET_ATTR_LINENO), UInt32(1))
        let start = writer.count
        let list = writer.beginNested(UInt16(IPSET_ATTR_ADT))
        var index = entries.startIndex
        while index < entries.endIndex, writer.count - start < Self.mostBytes {
            writer.nested(UInt16(IPSET_ATTR_DATA)) { $0.append(entries[index]) }
            index += 1
        }
        writer.endNested(list)
        end()
        return entries[index...]
    }
}

extension SetSpec {
    var familyNumber: UInt8 {
        kind == .bitmapPort ? UInt8(NFPROTO_UNSPEC) : UInt8(family == .ipv4 ? AF_INET : AF_INET6)
    }

    fileprivate var extensions: UInt32 {
        (hasComments ? UInt32(IPSET_FLAG_WITH_COMMENT.rawValue) : 0)
            | (hasMarks ? UInt32(IPSET_FLAG_WITH_SKBINFO.rawValue) : 0)
    }
}

extension NetlinkWriter {
    fileprivate mutating func number<T: FixedWidthInteger & BitwiseCopyable>(_ type: Int, _ value: T) {
        attribute(UInt16(type) | UInt16(NLA_F_NET_BYTEORDER), value.bigEndian)
    }

    fileprivate mutating func append(_ entry: SetEntry) {
        switch entry.key {
        case .ip(let ip): address(IPSET_ATTR_IP, ip)
        case .net(let net): prefix(IPSET_ATTR_IP, IPSET_ATTR_CIDR, net)
        case .ipPort(let ip, let proto, let port):
            address(IPSET_ATTR_IP, ip)
            self.port(proto, port)
        case .netPort(let net, let proto, let port):
            prefix(IPSET_ATTR_IP, IPSET_ATTR_CIDR, net)
            self.port(proto, port)
        case .ipPortIP(let ip, let proto, let port, let other):
            address(IPSET_ATTR_IP, ip)
            self.port(proto, port)
            address(IPSET_ATTR_IP2, other)
        case .ipPortNet(let ip, let proto, let port, let net):
            address(IPSET_ATTR_IP, ip)
            self.port(proto, port)
            prefix(IPSET_ATTR_IP2, IPSET_ATTR_CIDR2, net)
        case .port(let port): number(IPSET_ATTR_PORT, port)
        }
        if let timeout = entry.timeout { number(IPSET_ATTR_TIMEOUT, timeout) }
        if let comment = entry.comment { attribute(UInt16(IPSET_ATTR_COMMENT), comment) }
        // The mark, then the mask of the bits that it replaces.
        if let mark = entry.mark { number(IPSET_ATTR_SKBMARK, UInt64(mark) << 32 | 0xffff_ffff) }
    }

    private mutating func port(_ proto: TransportProtocol, _ port: UInt16) {
        number(IPSET_ATTR_PORT, port)
        attribute(UInt16(IPSET_ATTR_PROTO), proto.rawValue)
    }

    private mutating func prefix(_ type: Int, _ lengthType: Int, _ net: CIDR) {
        address(type, net.address)
        attribute(UInt16(lengthType), net.prefixLength)
    }

    private mutating func address(_ type: Int, _ ip: IPAddress) {
        let inner = ip.family == .ipv4 ? IPSET_ATTR_IPADDR_IPV4 : IPSET_ATTR_IPADDR_IPV6
        nested(UInt16(type)) { value in
            ip.networkBytes.withUnsafeBytes {
                value.attribute(UInt16(inner) | UInt16(NLA_F_NET_BYTEORDER), bytes: $0)
            }
        }
    }
}
