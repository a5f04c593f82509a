import CIPVS
import CLinux
import CNetlink
import Glibc
import NetTypes
import Netlink

/// Messages of linux/ip_vs.h, one after the other as one send takes them. Ports and addresses travel in network order,
/// all else in the host's.
struct IPVSBatch {
    private(set) var bytes: [UInt8] = []
    /// What the kernel numbered the family `IPVS`.
    let family: UInt16

    /// `union nf_inet_addr`.
    private static let addressLength = 16

    init(family: UInt16) { self.family = family }

    mutating func append(_ operation: IPVSOperation, _ sequence: UInt32) throws(NetlinkError) {
        switch operation {
        case .addServer(let server): try service(IPVS_CMD_NEW_SERVICE, server, sequence)
        case .editServer(let server): try service(IPVS_CMD_SET_SERVICE, server, sequence)
        case .deleteServer(let key):
            try message(IPVS_CMD_DEL_SERVICE, NLM_F_ACK, sequence) { Self.put(key, in: &$0) }
        case .addDestination(let key, let to): try destination(IPVS_CMD_NEW_DEST, key, to, sequence)
        case .editDestination(let key, let to): try destination(IPVS_CMD_SET_DEST, key, to, sequence)
        case .deleteDestination(let key, let target):
            try destination(IPVS_CMD_DEL_DEST, key, Destination(target, weight: 0), sequence)
        }
    }

    mutating func listServers(_ sequence: UInt32) throws(NetlinkError) {
        try message(IPVS_CMD_GET_SERVICE, NLM_F_DUMP, sequence) { _ in }
    }

    mutating func listDestinations(of key: VirtualServer.Key, _ sequence: UInt32) throws(NetlinkError) {
        try message(IPVS_CMD_GET_DEST, NLM_F_DUMP, sequence) { Self.put(key, in: &$0) }
    }

    mutating func setTimeouts(_ timeouts: IPVSTimeouts, _ sequence: UInt32) throws(NetlinkError) {
        try message(IPVS_CMD_SET_CONFIG, NLM_F_ACK, sequence) {
            $0.put(IPVS_CMD_ATTR_TIMEOUT_TCP, timeouts.tcp)
            $0.put(IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, timeouts.tcpFin)
            $0.put(IPVS_CMD_ATTR_TIMEOUT_UDP, timeouts.udp)
        }
    }

    /// Answered by one message and, for the acknowledgement, another.
    mutating func getTimeouts(_ sequence: UInt32) throws(NetlinkError) {
        try message(IPVS_CMD_GET_CONFIG, NLM_F_ACK, sequence) { _ in }
    }

    private mutating func message(
        _ command: Int, _ flags: CInt, _ sequence: UInt32, _ body: (inout GenericMessage) -> Void
    ) throws(NetlinkError) {
        var message = try GenericMessage(
            family: family, command: command, version: Int(IPVS_GENL_VERSION), flags: flags, sequence: sequence)
        body(&message)
        try message.append(to: &bytes)
    }

    private mutating func service(_ command: Int, _ server: VirtualServer, _ sequence: UInt32) throws(NetlinkError) {
        var flags = server.flags
        if server.persistence != nil { flags.insert(.persistent) }
        try message(command, NLM_F_ACK, sequence) { message in
            Self.put(server.key, in: &message) { service in
                service.put(IPVS_SVC_ATTR_SCHED_NAME, server.scheduler)
                // Each of the flags counts.
                withUnsafeBytes(of: ip_vs_flags(flags: flags.rawValue, mask: .max)) {
                    service.put(IPVS_SVC_ATTR_FLAGS, bytes: $0)
                }
                service.put(IPVS_SVC_ATTR_TIMEOUT, server.persistence ?? 0)
                // Each client for itself: a mask in IPv4, a prefix length in IPv6.
                service.put(IPVS_SVC_ATTR_NETMASK, server.key.family == .ipv4 ? UInt32.max : 128)
            }
        }
    }

    private mutating func destination(
        _ command: Int, _ key: VirtualServer.Key, _ to: Destination, _ sequence: UInt32
    ) throws(NetlinkError) {
        try message(command, NLM_F_ACK, sequence) { message in
            Self.put(key, in: &message)
            message.nested(IPVS_CMD_ATTR_DEST) { dest in
                dest.put(IPVS_DEST_ATTR_ADDR, to.target.address, Self.addressLength)
                dest.put(IPVS_DEST_ATTR_PORT, to.target.port.bigEndian)
                dest.put(IPVS_DEST_ATTR_FWD_METHOD, UInt32(IP_VS_CONN_F_MASQ))
                dest.put(IPVS_DEST_ATTR_WEIGHT, to.weight)
                dest.put(IPVS_DEST_ATTR_U_THRESH, UInt32(0))
                dest.put(IPVS_DEST_ATTR_L_THRESH, UInt32(0))
                dest.put(IPVS_DEST_ATTR_ADDR_FAMILY, to.target.address.family.number)
            }
        }
    }

    private static func put(
        _ key: VirtualServer.Key, in message: inout GenericMessage, _ more: (inout GenericMessage) -> Void = { _ in }
    ) {
        message.nested(IPVS_CMD_ATTR_SERVICE) { service in
            service.put(IPVS_SVC_ATTR_AF, key.family.number)
            switch key {
            case .address(let address, let proto):
                service.put(IPVS_SVC_ATTR_PROTOCOL, UInt16(proto.rawValue))
                service.put(IPVS_SVC_ATTR_ADDR, address.address, addressLength)
                service.put(IPVS_SVC_ATTR_PORT, address.port.bigEndian)
            case .mark(let mark, _): service.put(IPVS_SVC_ATTR_FWMARK, mark)
            }
            more(&service)
        }
    }
}

extension GenericMessage {
    fileprivate mutating func put(_ type: Int, _ address: IPAddress, _ length: Int) {
        let bytes = address.networkBytes + [UInt8](repeating: 0, count: length - address.family.bytes)
        bytes.withUnsafeBytes { put(type, bytes: $0) }
    }
}

extension IPFamily {
    fileprivate var number: UInt16 { UInt16(self == .ipv4 ? AF_INET : AF_INET6) }
}

// MARK: - Reading

extension IPVSTimeouts {
    /// nil when the kernel left one out.
    init?(_ attributes: NetlinkAttributes) {
        let values = [IPVS_CMD_ATTR_TIMEOUT_TCP, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, IPVS_CMD_ATTR_TIMEOUT_UDP].compactMap {
            attributes.first(UInt16($0))?.uint32
        }
        guard values.count == 3 else { return nil }
        self.init(tcp: values[0], tcpFin: values[1], udp: values[2])
    }
}

extension VirtualServer {
    /// nil for virtual servers of other protocols, and for what is cut short.
    init?(_ attributes: NetlinkAttributes) {
        guard let service = attributes.first(UInt16(IPVS_CMD_ATTR_SERVICE))?.nested, let key = Key(service),
            let scheduler = service.first(UInt16(IPVS_SVC_ATTR_SCHED_NAME))?.string
        else { return nil }
        let flags = Flags(rawValue: service.first(UInt16(IPVS_SVC_ATTR_FLAGS))?.uint32 ?? 0)
        let timeout = service.first(UInt16(IPVS_SVC_ATTR_TIMEOUT))?.uint32
        self.init(
            key, scheduler: scheduler, flags: flags.intersection(.chosen).subtracting(.persistent),
            persistence: flags.contains(.persistent) ? timeout : nil)
    }
}

extension VirtualServer.Key {
    fileprivate init?(_ service: NetlinkAttributes) {
        guard let family = service.first(UInt16(IPVS_SVC_ATTR_AF))?.uint16 else { return nil }
        if let mark = service.first(UInt16(IPVS_SVC_ATTR_FWMARK))?.uint32 {
            self = .mark(mark, family == IPFamily.ipv4.number ? .ipv4 : .ipv6)
            return
        }
        guard let proto = service.first(UInt16(IPVS_SVC_ATTR_PROTOCOL))?.uint16,
            let transport = UInt8(exactly: proto).flatMap(TransportProtocol.init(rawValue:)),
            let address = service.first(UInt16(IPVS_SVC_ATTR_ADDR)).flatMap({ IPAddress($0, family) }),
            let port = service.first(UInt16(IPVS_SVC_ATTR_PORT))?.uint16?.bigEndian
        else { return nil }
        self = .address(AddressPort(address, port), transport)
    }
}

extension ObservedDestination {
    init?(_ attributes: NetlinkAttributes, _ family: IPFamily) {
        guard let dest = attributes.first(UInt16(IPVS_CMD_ATTR_DEST))?.nested,
            let address = dest.first(UInt16(IPVS_DEST_ATTR_ADDR)).flatMap({
                IPAddress($0, dest.first(UInt16(IPVS_DEST_ATTR_ADDR_FAMILY))?.uint16 ?? family.number)
            }),
            let port = dest.first(UInt16(IPVS_DEST_ATTR_PORT))?.uint16?.bigEndian,
            let weight = dest.first(UInt16(IPVS_DEST_ATTR_WEIGHT))?.uint32
        else { return nil }
        destination = Destination(AddressPort(address, port), weight: weight)
        activeConnections = dest.first(UInt16(IPVS_DEST_ATTR_ACTIVE_CONNS))?.uint32 ?? 0
        inactiveConnections = dest.first(UInt16(IPVS_DEST_ATTR_INACT_CONNS))?.uint32 ?? 0
    }
}

extension IPAddress {
    fileprivate init?(_ attribute: NetlinkAttribute, _ family: UInt16) {
        let length = family == IPFamily.ipv4.number ? 4 : 16
        guard attribute.value.count >= length else { return nil }
        self.init(networkBytes: attribute.value.prefix(length))
    }
}
