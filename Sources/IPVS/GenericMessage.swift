import CNetlink
import Glibc
import Netlink

/// One generic netlink message while it is put together; owns libnl's `struct nl_msg`.
struct GenericMessage: ~Copyable {
    private let message: OpaquePointer
    /// One of libnl's codes: the first attribute that did not fit.
    private var failure: CInt = 0

    private static let operation = "build a netlink message"
    /// The longest of IPVS, an IPv6 destination, has 152.
    private static let mostBytes = 1024

    init(
        family: UInt16, command: Int, version: Int, flags: CInt, sequence: UInt32
    ) throws(NetlinkError) {
        guard let message = nlmsg_alloc_size(Self.mostBytes) else { throw NetlinkError(Self.operation, code: ENOMEM) }
        self.message = message
        let header = genlmsg_put(
            message, UInt32(NL_AUTO_PORT), sequence, CInt(family), 0, NLM_F_REQUEST | flags, UInt8(command),
            UInt8(version))
        if header == nil { failure = -CInt(NLE_NOMEM) }
    }

    deinit { nlmsg_free(message) }

    /// In the host's order.
    mutating func put<T: FixedWidthInteger & BitwiseCopyable>(_ type: Int, _ value: T) {
        withUnsafeBytes(of: value) { put(type, bytes: $0) }
    }

    mutating func put(_ type: Int, bytes: UnsafeRawBufferPointer) {
        note(nla_put(message, CInt(type), CInt(bytes.count), bytes.baseAddress))
    }

    /// With its terminating zero.
    mutating func put(_ type: Int, _ text: String) { note(nla_put_string(message, CInt(type), text)) }

    mutating func nested(_ type: Int, _ body: (inout GenericMessage) -> Void) {
        guard let start = nla_nest_start(message, CInt(type)) else { return note(-CInt(NLE_NOMEM)) }
        body(&self)
        note(nla_nest_end(message, start))
    }

    private mutating func note(_ code: CInt) {
        if failure == 0, code < 0 { failure = code }
    }

    /// Throws EMSGSIZE when something did not fit.
    consuming func append(to bytes: inout [UInt8]) throws(NetlinkError) {
        guard failure == 0, let header = nlmsg_hdr(message) else { throw NetlinkError(Self.operation, code: EMSGSIZE) }
        bytes.append(contentsOf: UnsafeRawBufferPointer(start: header, count: Int(header.pointee.nlmsg_len)))
    }
}
