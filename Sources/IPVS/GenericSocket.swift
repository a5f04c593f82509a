import CLinux
import CNetlink
import Glibc
import Netlink

/// A generic netlink socket; owns libnl's `struct nl_sock`. One thread at a time.
///
/// libnl's own way is one message, one acknowledgement. Here many messages go in one send, and the acknowledgements,
/// which the kernel has queued when it returns, are read after it.
struct GenericSocket: ~Copyable {
    private let socket: OpaquePointer

    /// Of acknowledgements that wait; a thousand take some 800 KiB.
    private static let receiveBuffer: CInt = 4 << 20
    private static let sendBuffer: CInt = 1 << 20
    /// The kernel's parts of a listing end at 32 KiB.
    private static let datagram = 1 << 16

    /// In the network namespace of the calling thread.
    init() throws(NetlinkError) {
        guard let socket = nl_socket_alloc() else { throw NetlinkError("open a netlink socket", code: ENOMEM) }
        let code = genl_connect(socket)
        guard code == 0 else {
            nl_socket_free(socket)
            throw NetlinkError("open a netlink socket", nl: code)
        }
        self.socket = socket
        nl_socket_set_nonblocking(socket)
        nl_socket_set_msg_buf_size(socket, Self.datagram)
        nl_socket_disable_msg_peek(socket)
        setBuffers()
        setOption(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        setOption(SOL_NETLINK, NETLINK_CAP_ACK, 1)
    }

    deinit { nl_socket_free(socket) }

    /// Past the system's limits where we may, up to them elsewhere.
    private func setBuffers() {
        nl_socket_set_buffer_size(socket, Self.receiveBuffer, Self.sendBuffer)
        setOption(SOL_SOCKET, SO_RCVBUFFORCE, Self.receiveBuffer)
        setOption(SOL_SOCKET, SO_SNDBUFFORCE, Self.sendBuffer)
    }

    private func setOption(_ level: CInt, _ name: CInt, _ value: CInt) {
        var value = value
        setsockopt(nl_socket_get_fd(socket), level, name, &value, socklen_t(MemoryLayout<CInt>.size))
    }

    /// The number of a family; the kernel loads its module if it can. Throws ENOENT where there is none.
    mutating func family(_ name: String, operation: String) throws(NetlinkError) -> UInt16 {
        let number = genl_ctrl_resolve(socket, name)
        guard let family = UInt16(exactly: number) else { throw NetlinkError(operation, nl: number) }
        return family
    }

    /// Each message of a request has its own.
    mutating func nextSequence() -> UInt32 { nl_socket_use_seq(socket) }

    /// Sends messages, all of which ask for an acknowledgement, and returns the acknowledgements of those from `first`
    /// on. Hands the attributes of other answers to `body`. What answers earlier messages, which an error left unread,
    /// is passed over.
    mutating func exchange(
        _ messages: borrowing [UInt8], from first: UInt32, operation: String,
        _ body: (NetlinkAttributes) -> Void = { _ in }
    ) throws(NetlinkError) -> GenericReplies {
        try send(messages, operation: operation)
        var code: CInt = 0
        let replies = withoutActuallyEscaping(body) { body in
            var inbox = GenericInbox(from: first, body)
            // Each acknowledgement is a datagram of its own.
            while code == 0 { code = receive(&inbox) }
            return inbox.replies
        }
        guard code == -CInt(NLE_AGAIN) else { throw NetlinkError(operation, nl: code) }
        return replies
    }

    /// Sends one request for a listing, and hands over the attributes of each of its messages.
    mutating func dump(
        _ message: borrowing [UInt8], sequence: UInt32, operation: String, _ body: (NetlinkAttributes) -> Void
    ) throws(NetlinkError) {
        try send(message, operation: operation)
        var code: CInt = 0
        let refused = withoutActuallyEscaping(body) { body in
            var inbox = GenericInbox(from: sequence, body)
            while code == 0, !inbox.isFinished { code = receive(&inbox) }
            return inbox.replies.refused[sequence]
        }
        if let refused { throw NetlinkError(operation, code: refused.code, detail: refused.detail) }
        if code != 0 { throw NetlinkError(operation, nl: code) }
    }

    private func send(_ messages: borrowing [UInt8], operation: String) throws(NetlinkError) {
        let code = messages.withUnsafeBytes {
            nl_sendto(socket, UnsafeMutableRawPointer(mutating: $0.baseAddress), $0.count)
        }
        if code < 0 { throw NetlinkError(operation, nl: code) }
    }

    /// Reads one datagram, or one listing. Returns one of libnl's codes: NLE_AGAIN when nothing waits.
    private func receive(_ inbox: inout GenericInbox) -> CInt {
        guard let callbacks = nl_cb_alloc(NL_CB_DEFAULT) else { return -CInt(NLE_NOMEM) }
        defer { nl_cb_put(callbacks) }
        return withUnsafeMutablePointer(to: &inbox) { inbox in
            let inbox = UnsafeMutableRawPointer(inbox)
            nl_cb_set(callbacks, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, { GenericInbox.at($1).pointee.check($0) }, inbox)
            nl_cb_set(callbacks, NL_CB_VALID, NL_CB_CUSTOM, { GenericInbox.at($1).pointee.take($0) }, inbox)
            nl_cb_set(callbacks, NL_CB_ACK, NL_CB_CUSTOM, { GenericInbox.at($1).pointee.acknowledge($0) }, inbox)
            nl_cb_set(callbacks, NL_CB_FINISH, NL_CB_CUSTOM, { GenericInbox.at($1).pointee.finish($0) }, inbox)
            nl_cb_err(callbacks, NL_CB_CUSTOM, { GenericInbox.at($2).pointee.refuse($1) }, inbox)
            return nl_recvmsgs(socket, callbacks)
        }
    }
}
