import CIPSet
import Glibc
import NetTypes

/// The arguments of a session's next command. The library copies what it is given, in the host's order but for
/// addresses.
struct IPSetData {
    /// libipset's `struct ipset_data`, the session's.
    let data: OpaquePointer

    func set<T: BitwiseCopyable>(_ option: ipset_opt, _ value: T) {
        _ = withUnsafePointer(to: value) { ipset_data_set(data, option, $0) }
    }

    func set(_ option: ipset_opt, _ text: String) { _ = text.withCString { ipset_data_set(data, option, $0) } }

    /// The family must have been set.
    private func set(_ option: ipset_opt, _ address: IPAddress) {
        _ = address.networkBytes.withUnsafeBytes { ipset_data_set(data, option, $0.baseAddress) }
    }

    /// What a set is created with, but for its type and family.
    func set(_ spec: SetSpec) {
        if spec.kind == .bitmapPort {
            set(IPSET_OPT_PORT, spec.ports.lowerBound)
            set(IPSET_OPT_PORT_TO, spec.ports.upperBound)
        } else {
            set(IPSET_OPT_MAXELEM, spec.maxElements)
        }
        if let timeout = spec.timeout { set(IPSET_OPT_TIMEOUT, timeout) }
        // Flags: whatever their value.
        if spec.hasComments { set(IPSET_OPT_CREATE_COMMENT, UInt32(1)) }
        if spec.hasMarks { set(IPSET_OPT_SKBINFO, UInt32(1)) }
    }

    func set(_ entry: SetEntry) {
        switch entry.key {
        case .ip(let ip): set(IPSET_OPT_IP, of: ip)
        case .net(let net): set(net)
        case .ipPort(let ip, let proto, let port):
            set(IPSET_OPT_IP, of: ip)
            set(proto, port)
        case .netPort(let net, let proto, let port):
            set(net)
            set(proto, port)
        case .ipPortIP(let ip, let proto, let port, let other):
            set(IPSET_OPT_IP, of: ip)
            set(proto, port)
            set(IPSET_OPT_IP2, other)
        case .ipPortNet(let ip, let proto, let port, let net):
            set(IPSET_OPT_IP, of: ip)
            set(proto, port)
            set(IPSET_OPT_IP2, net.address)
            set(IPSET_OPT_CIDR2, net.prefixLength)
        case .port(let port): set(IPSET_OPT_PORT, port)
        }
        if let timeout = entry.timeout { set(IPSET_OPT_TIMEOUT, timeout) }
        if let comment = entry.comment { set(IPSET_OPT_ADT_COMMENT, comment) }
        // The mark, then the mask of the bits that it replaces.
        if let mark = entry.mark { set(IPSET_OPT_SKBMARK, UInt64(mark) << 32 | 0xffff_ffff) }
    }

    private func set(_ option: ipset_opt, of ip: IPAddress) {
        set(IPSET_OPT_FAMILY, ip.family.number)
        set(option, ip)
    }

    private func set(_ net: CIDR) {
        set(IPSET_OPT_IP, of: net.address)
        set(IPSET_OPT_CIDR, UInt8(clamping: net.prefixLength))
    }

    private func set(_ proto: TransportProtocol, _ port: UInt16) {
        set(IPSET_OPT_PROTO, proto.rawValue)
        set(IPSET_OPT_PORT, port)
    }
}

extension IPFamily {
    var number: UInt8 { UInt8(self == .ipv4 ? AF_INET : AF_INET6) }
}
