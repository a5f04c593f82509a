import CNftnl
import Glibc

/// A netlink socket: requests with their replies, dumps, and notifications. Used from one thread at a time.
public struct NetlinkSocket: ~Copyable {
    /// For poll and epoll; owned by this value.
    public let descriptor: CInt
    /// The address the kernel gave this socket; notifications about its own requests carry it.
    public let portID: UInt32
    private var sequence: UInt32 = 1
    private var sendBuffer = 0
    private let received: UnsafeMutableRawBufferPointer

    public enum Family: CInt, Sendable {
        case route = 0
        case netfilter = 12
        case generic = 16
    }

    /// Opens a socket with a receive buffer of that many bytes (forced past the system's limit where allowed).
    public init(_ family: Family, receiveBuffer: Int = 4 << 20) throws(NetlinkError) {
        let descriptor = socket(AF_NETLINK, CInt(SOCK_RAW.rawValue) | CInt(SOCK_CLOEXEC.rawValue), family.rawValue)
        guard descriptor >= 0 else { throw NetlinkError("open a netlink socket") }
        var address = sockaddr_nl()
        address.nl_family = UInt16(AF_NETLINK)
        var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else {
            let failure = NetlinkError("bind a netlink socket")
            close(descriptor)
            throw failure
        }
        self.descriptor = descriptor
        portID = address.nl_pid
        received = .allocate(byteCount: 1 << 18, alignment: 16)
        setOption(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        setOption(SOL_NETLINK, NETLINK_CAP_ACK, 1)
        setBuffer(SO_RCVBUFFORCE, SO_RCVBUF, receiveBuffer)
    }

    deinit {
        received.deallocate()
        close(descriptor)
    }

    /// The next sequence number; each message of a request has its own.
    public mutating func nextSequence() -> UInt32 {
        sequence &+= 1
        if sequence == 0 { sequence = 1 }
        return sequence
    }

    /// Makes `next` the number that comes next, after a batch that counted on its own.
    public mutating func skipSequences(to next: UInt32) { sequence = next &- 1 }

    // MARK: Requests

    /// Sends messages and returns every reply the kernel gave: netlink requests are worked off inside the send.
    /// Hands other messages to `body`. What answers earlier messages, which an error left unread, is passed over.
    public mutating func exchange(
        _ bytes: borrowing [UInt8], operation: String, _ body: (NetlinkMessage) -> Void = { _ in }
    ) throws(NetlinkError) -> [NetlinkReply] {
        guard let first = Self.firstSequence(bytes) else { return [] }
        try send(bytes, operation: operation)
        var replies: [NetlinkReply] = []
        var isMore = true
        while isMore {
            isMore = try receive(waiting: false, operation: operation) { message in
                if message.type != UInt16(NLMSG_ERROR) {
                    if !message.isBefore(first) { body(message) }
                } else if let reply = message.reply, !reply.isBefore(first) {
                    replies.append(reply)
                }
                return true
            }
        }
        return replies
    }

    private static func firstSequence(_ bytes: borrowing [UInt8]) -> UInt32? {
        var first: UInt32?
        bytes.withUnsafeBytes { raw in
            NetlinkMessage.forEach(in: raw) { message in
                first = message.sequence
                return false
            }
        }
        return first
    }

    /// Sends one message that asks for an acknowledgement (NLM_F_ACK) and throws what the kernel refuses it with.
    public mutating func request(_ bytes: borrowing [UInt8], operation: String) throws(NetlinkError) {
        guard let reply = try exchange(bytes, operation: operation).last else {
            throw NetlinkError(operation, code: EPROTO, detail: "the kernel did not answer")
        }
        if reply.code != 0 { throw NetlinkError(operation, code: reply.code, detail: reply.detail) }
    }

    /// Sends a dump request with this sequence number and hands over each message of the answer.
    /// Throws EINTR when the kernel says that the dump is inconsistent: ask again. A request without NLM_F_DUMP must
    /// have NLM_F_ACK, which ends its answer.
    public mutating func dump(
        _ bytes: borrowing [UInt8], sequence: UInt32, operation: String, _ body: (NetlinkMessage) -> Void
    ) throws(NetlinkError) {
        try send(bytes, operation: operation)
        var isDone = false
        var isInterrupted = false
        var failure: NetlinkReply?
        while !isDone {
            _ = try receive(waiting: true, operation: operation) { message in
                guard message.sequence == sequence else { return true }
                if message.flags & UInt16(NLM_F_DUMP_INTR) != 0 { isInterrupted = true }
                switch Int32(message.type) {
                case NLMSG_DONE: isDone = true
                case NLMSG_ERROR:
                    failure = message.reply
                    isDone = true
                default: body(message)
                }
                return !isDone
            }
        }
        if let failure, failure.code != 0 {
            throw NetlinkError(operation, code: failure.code, detail: failure.detail)
        }
        if isInterrupted { throw NetlinkError(operation, code: EINTR) }
    }

    private mutating func send(_ bytes: borrowing [UInt8], operation: String) throws(NetlinkError) {
        if bytes.count > sendBuffer {
            sendBuffer = max(bytes.count + bytes.count / 4, 1 << 18)
            setBuffer(SO_SNDBUFFORCE, SO_SNDBUF, sendBuffer)
        }
        while true {
            let sent = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, 0) }
            if sent >= 0 { return }
            if errno != EINTR { throw NetlinkError(operation) }
        }
    }

    // MARK: Receiving

    /// Joins a multicast group.
    public func subscribe(_ group: UInt32) throws(NetlinkError) {
        var group = group
        guard setsockopt(descriptor, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, 4) == 0 else {
            throw NetlinkError("listen to netlink group \(group)")
        }
    }

    /// Has the kernel drop datagrams whose first message comes from one of these ports: they wake nobody.
    /// At most 60 ports.
    public func dropMessages(fromPortIDs ports: [UInt32]) {
        // Classic BPF: load the 32-bit word at offset 12 (nlmsg_pid, network order), drop on a match, else keep all.
        var program = [sock_filter(code: UInt16(BPF_LD | BPF_W | BPF_ABS), jt: 0, jf: 0, k: 12)]
        for (index, port) in ports.enumerated() {
            let toDrop = UInt8(ports.count - index)
            program.append(
                sock_filter(code: UInt16(BPF_JMP | BPF_JEQ | BPF_K), jt: toDrop, jf: 0, k: port.bigEndian))
        }
        program.append(sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: .max))
        program.append(sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0))
        program.withUnsafeMutableBufferPointer { buffer in
            var filter = sock_fprog(len: UInt16(buffer.count), filter: buffer.baseAddress)
            setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, socklen_t(MemoryLayout<sock_fprog>.size))
        }
    }

    /// Reads one datagram and hands over its messages. Returns false when nothing waits (only if not `waiting`).
    /// Throws ENOBUFS when the kernel had to drop some.
    @discardableResult
    public mutating func receive(
        waiting: Bool, operation: String, _ body: (NetlinkMessage) -> Bool
    ) throws(NetlinkError) -> Bool {
        while true {
            let (count, isFromKernel) = receiveDatagram(waiting: waiting)
            if count >= 0 {
                guard isFromKernel else { continue }
                // No answer comes near the buffer's size: dumps end at 32 KiB, and echoes are capped.
                guard count <= received.count else { throw NetlinkError(operation, code: EMSGSIZE) }
                NetlinkMessage.forEach(in: UnsafeRawBufferPointer(rebasing: received[..<count]), body)
                return true
            }
            switch errno {
            case EINTR: continue
            case EAGAIN where !waiting: return false
            default: throw NetlinkError(operation)
            }
        }
    }

    /// Other privileged processes can write to this socket too; only the kernel's port id is 0.
    private func receiveDatagram(waiting: Bool) -> (count: Int, isFromKernel: Bool) {
        var sender = sockaddr_nl()
        var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
        let flags = CInt(Int(MSG_TRUNC)) | (waiting ? 0 : CInt(Int(MSG_DONTWAIT)))
        let count = withUnsafeMutablePointer(to: &sender) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, received.baseAddress, received.count, flags, $0, &length)
            }
        }
        return (count, sender.nl_pid == 0)
    }

    // MARK: Options

    private func setOption(_ level: CInt, _ name: CInt, _ value: CInt) {
        var value = value
        setsockopt(descriptor, level, name, &value, 4)
    }

    /// Past the system's limit where we may, up to it elsewhere.
    private func setBuffer(_ forced: CInt, _ plain: CInt, _ size: Int) {
        var size = CInt(clamping: size)
        if setsockopt(descriptor, SOL_SOCKET, forced, &size, 4) != 0 {
            setsockopt(descriptor, SOL_SOCKET, plain, &size, 4)
        }
    }
}
