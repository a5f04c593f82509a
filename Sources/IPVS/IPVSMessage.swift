import CIPVS
import CLinux
import Glibc
import NetTypes
import Netlink

/// Builds the messages of linux/ip_vs.h. Ports and addresses travel in network order, all else in the host's.
struct IPVSMessage {
    var writer = NetlinkWriter()
    /// What the kernel numbered the family `IPVS`.
    let type: UInt16

    static let familyHeaderLength = MemoryLayout<genlmsghdr>.size
    /// `union nf_inet_addr`.
    private static let addressLength = 16

    /// Asks nlctrl for the number of a generic netlink family; the kernel loads the module if it can.
    static func familyRequest(_ sequence: UInt32) -> [UInt8] {
        var message = IPVSMessage(type: UInt16(GENL_ID_CTRL))
        message.begin(UInt8(CTRL_CMD_GETFAMILY), NLM_F_ACK, sequence, version: 1)
        message.writer.attribute(UInt16(CTRL_ATTR_FAMILY_NAME), IPVS_GENL_NAME)
        message.writer.endMessage()
        return message.writer.bytes
    }

    mutating func append(_ operation: IPVSOperation, _ sequence: UInt32) {
        switch operation {
        case .addServer(let server): service(IPVS_CMD_NEW_SERVICE, server, sequence)
        case .editServer(let server): service(IPVS_CMD_SET_SERVICE, server, sequence)
        case .deleteServer(let key):
            begin(UInt8(IPVS_CMD_DEL_SERVICE), NLM_F_ACK, sequence)
            append(key)
            writer.endMessage()
        case .addDestination(let key, let to): destination(IPVS_CMD_NEW_DEST, key, to, sequence)
        case .editDestination(let key, let to): destination(IPVS_CMD_SET_DEST, key, to, sequence)
        case .deleteDestination(let key, let target):
            destination(IPVS_CMD_DEL_DEST, key, Destination(target, weight: 0), sequence)
        }
    }

    mutating func listServers(_ sequence: UInt32) {
        begin(UInt8(IPVS_CMD_GET_SERVICE), NLM_F_DUMP, sequence)
        writer.endMessage()
    }

    mutating func listDestinations(of key: VirtualServer.Key, _ sequence: UInt32) {
        begin(UInt8(IPVS_CMD_GET_DEST), NLM_F_DUMP, sequence)
        append(key)
        writer.endMessage()
    }

    /// Seconds; 0 leaves a timeout as it is.
    mutating func timeouts(tcp: UInt32, tcpFin: UInt32, udp: UInt32, _ sequence: UInt32) {
        begin(UInt8(IPVS_CMD_SET_CONFIG), NLM_F_ACK, sequence)
        writer.attribute(UInt16(IPVS_CMD_ATTR_TIMEOUT_TCP), tcp)
        writer.attribute(UInt16(IPVS_CMD_ATTR_TIMEOUT_TCP_FIN), tcpFin)
        writer.attribute(UInt16(IPVS_CMD_ATTR_TIMEOUT_UDP), udp)
        writer.endMessage()
    }

    private mutating func begin(
        _ command: UInt8, _ flags: Int32, _ sequence: UInt32, version: UInt8 = UInt8(IPVS_GENL_VERSION)
    ) {
        writer.beginMessage(type: type, flags: UInt16(NLM_F_REQUEST | flags), sequence: sequence)
        writer.append(genlmsghdr(cmd: command, version: version, reserved: 0))
    }

    private mutating func service(_ command: Int, _ server: VirtualServer, _ sequence: UInt32) {
        begin(UInt8(command), NLM_F_ACK, sequence)
        let isIPv4 = server.key.family == .ipv4
        var flags = server.flags
        if server.persistence != nil { flags.insert(.persistent) }
        append(server.key) { service in
            service.attribute(UInt16(IPVS_SVC_ATTR_SCHED_NAME), server.scheduler)
            service.attribute(UInt16(IPVS_SVC_ATTR_FLAGS), ip_vs_flags(flags: flags.rawValue, mask: .max))
            service.attribute(UInt16(IPVS_SVC_ATTR_TIMEOUT), server.persistence ?? 0)
            // Each client for itself: a mask in IPv4, a prefix length in IPv6.
            service.attribute(UInt16(IPVS_SVC_ATTR_NETMASK), isIPv4 ? UInt32.max : 128)
        }
        writer.endMessage()
    }

    private mutating func destination(
        _ command: Int, _ key: VirtualServer.Key, _ to: Destination, _ sequence: UInt32
    ) {
        begin(UInt8(command), NLM_F_ACK, sequence)
        append(key)
        writer.nested(UInt16(IPVS_CMD_ATTR_DEST)) { dest in
            dest.address(UInt16(IPVS_DEST_ATTR_ADDR), to.target.address, Self.addressLength)
            dest.attribute(UInt16(IPVS_DEST_ATTR_PORT), to.target.port.bigEndian)
            dest.attribute(UInt16(IPVS_DEST_ATTR_FWD_METHOD), UInt32(IP_VS_CONN_F_MASQ))
            dest.attribute(UInt16(IPVS_DEST_ATTR_WEIGHT), to.weight)
            dest.attribute(UInt16(IPVS_DEST_ATTR_U_THRESH), UInt32(0))
            dest.attribute(UInt16(IPVS_DEST_ATTR_L_THRESH), UInt32(0))
            dest.attribute(UInt16(IPVS_DEST_ATTR_ADDR_FAMILY), to.target.address.family.number)
        }
        writer.endMessage()
    }

    private mutating func append(_ key: VirtualServer.Key, _ more: (inout NetlinkWriter) -> Void = { _ in }) {
        writer.nested(UInt16(IPVS_CMD_ATTR_SERVICE)) { service in
            service.attribute(UInt16(IPVS_SVC_ATTR_AF), key.family.number)
            switch key {
            case .address(let address, let proto):
                service.attribute(UInt16(IPVS_SVC_ATTR_PROTOCOL), UInt16(proto.rawValue))
                service.address(UInt16(IPVS_SVC_ATTR_ADDR), address.address, Self.addressLength)
                service.attribute(UInt16(IPVS_SVC_ATTR_PORT), address.port.bigEndian)
            case .mark(let mark, _): service.attribute(UInt16(IPVS_SVC_ATTR_FWMARK), mark)
            }
            more(&service)
        }
    }
}

extension NetlinkWriter {
    fileprivate mutating func address(_ type: UInt16, _ address: IPAddress, _ length: Int) {
        let bytes = address.networkBytes + [UInt8](repeating: 0, count: length - address.family.bytes)
        bytes.withUnsafeBytes { attribute(type, bytes: $0) }
    }
}

extension IPFamily {
    fileprivate var number: UInt16 { UInt16(self == .ipv4 ? AF_INET : AF_INET6) }
}

// MARK: - Reading

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
