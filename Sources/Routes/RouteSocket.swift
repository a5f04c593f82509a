import CLinux
import Glibc
import NetTypes
import Netlink

/// rtnetlink in the namespace of the thread that opens it, wherever it is used later. One thread at a time.
public struct RouteSocket: ~Copyable {
    private var socket: NetlinkSocket

    public init() throws(NetlinkError) { socket = try NetlinkSocket(.route, receiveBuffer: 1 << 20) }

    /// What it changes is told to others with this number.
    public var portID: UInt32 { socket.portID }

    // MARK: Lists

    /// Every interface.
    public mutating func links() throws(NetlinkError) -> [Link] {
        try list(RTM_GETLINK, ifinfomsg(), operation: "list interfaces", Link.init)
    }

    /// Every address of every interface.
    public mutating func addresses() throws(NetlinkError) -> [InterfaceAddress] {
        try list(RTM_GETADDR, ifaddrmsg(), operation: "list addresses", InterfaceAddress.init)
    }

    /// The interface of that name; throws ENODEV if there is none.
    public mutating func link(_ name: String) throws(NetlinkError) -> Link {
        let operation = "find interface \(name)"
        var found: Link?
        try get(RTM_GETLINK, NLM_F_ACK, operation: operation) { writer in
            writer.append(ifinfomsg())
            writer.attribute(UInt16(IFLA_IFNAME), name)
        } body: {
            found = found ?? Link($0)
        }
        guard let found else { throw NetlinkError(operation, code: ENODEV) }
        return found
    }

    mutating func list<Header: BitwiseCopyable, Value>(
        _ type: Int, _ header: Header, operation: String, _ decode: (NetlinkMessage) -> Value?
    ) throws(NetlinkError) -> [Value] {
        for _ in 0..<10 {
            do {
                var values: [Value] = []
                try get(type, NLM_F_DUMP, operation: operation) {
                    $0.append(header)
                } body: {
                    if let value = decode($0) { values.append(value) }
                }
                return values
            } catch  where error.code == EINTR {
                continue
            }
        }
        throw NetlinkError(operation, code: EINTR, detail: "the list changed each time it was read")
    }

    mutating func get(
        _ type: Int, _ flags: Int32, operation: String, _ fill: (inout NetlinkWriter) -> Void,
        body: (NetlinkMessage) -> Void
    ) throws(NetlinkError) {
        let sequence = socket.nextSequence()
        let bytes = Self.message(type, NLM_F_REQUEST | flags, sequence, fill)
        try socket.dump(bytes, sequence: sequence, operation: operation, body)
    }

    // MARK: Changes

    /// Sends one change and throws what the kernel refuses it with.
    mutating func change(
        _ type: Int, _ flags: Int32 = 0, operation: String, _ fill: (inout NetlinkWriter) -> Void
    ) throws(NetlinkError) {
        let bytes = Self.message(type, NLM_F_REQUEST | NLM_F_ACK | flags, socket.nextSequence(), fill)
        try socket.request(bytes, operation: operation)
    }

    private static func message(
        _ type: Int, _ flags: Int32, _ sequence: UInt32, _ fill: (inout NetlinkWriter) -> Void
    ) -> [UInt8] {
        var writer = NetlinkWriter(capacity: 256)
        writer.beginMessage(type: UInt16(type), flags: UInt16(flags), sequence: sequence)
        fill(&writer)
        writer.endMessage()
        return writer.bytes
    }
}

extension NetlinkWriter {
    mutating func attribute(_ type: Int, _ address: IPAddress) {
        address.networkBytes.withUnsafeBytes { attribute(UInt16(type), bytes: $0) }
    }
}

extension IPFamily {
    var number: UInt8 { UInt8(self == .ipv4 ? AF_INET : AF_INET6) }
}
