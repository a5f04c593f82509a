import CNetlink
import Glibc
import Netlink

/// What the kernel answered to the messages of one request.
struct GenericReplies {
    struct Refusal {
        /// An errno.
        let code: CInt
        /// The kernel's own words, where it gives any.
        let detail: String?
    }

    var accepted: Set<UInt32> = []
    var refused: [UInt32: Refusal] = [:]
}

/// Takes what libnl receives. Its methods are libnl's callbacks: each returns what libnl does with the message next.
struct GenericInbox {
    private(set) var replies = GenericReplies()
    /// A listing came to its end.
    private(set) var isFinished = false

    private let first: UInt32
    private let body: (NetlinkAttributes) -> Void
    /// The message that libnl looks at; inside libnl's buffer.
    private var header: UnsafeMutablePointer<nlmsghdr>?

    private static let familyHeaderLength: CInt = 0

    /// Passes over what answers messages before `first`.
    init(from first: UInt32, _ body: @escaping (NetlinkAttributes) -> Void) {
        self.first = first
        self.body = body
    }

    /// What a callback's argument is.
    static func at(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<GenericInbox> {
        guard let argument else { preconditionFailure("libnl was given an inbox with each callback") }
        return argument.assumingMemoryBound(to: GenericInbox.self)
    }

    // MARK: Callbacks

    /// Comes before all others.
    mutating func check(_ message: OpaquePointer?) -> CInt {
        header = nlmsg_hdr(message)
        guard let sequence = header?.pointee.nlmsg_seq else { return Self.skip }
        // Numbers wrap around (RFC 1982).
        return Int32(bitPattern: sequence &- first) < 0 ? Self.skip : Self.proceed
    }

    mutating func take(_ message: OpaquePointer?) -> CInt {
        guard let header = nlmsg_hdr(message), genlmsg_valid_hdr(header, Self.familyHeaderLength) != 0,
            let generic = genlmsg_hdr(header)
        else { return Self.skip }
        let count = genlmsg_attrlen(generic, Self.familyHeaderLength)
        let start = genlmsg_attrdata(generic, Self.familyHeaderLength)
        body(NetlinkAttributes(UnsafeRawBufferPointer(start: start, count: max(0, Int(count)))))
        return Self.proceed
    }

    mutating func acknowledge(_ message: OpaquePointer?) -> CInt {
        if let header = nlmsg_hdr(message) { replies.accepted.insert(header.pointee.nlmsg_seq) }
        return Self.proceed
    }

    mutating func finish(_ message: OpaquePointer?) -> CInt {
        isFinished = true
        return Self.proceed
    }

    mutating func refuse(_ error: UnsafeMutablePointer<nlmsgerr>?) -> CInt {
        guard let error, let header else { return Self.skip }
        replies.refused[header.pointee.nlmsg_seq] = GenericReplies.Refusal(
            code: error.pointee.error == .min ? EPROTO : -error.pointee.error, detail: Self.detail(header))
        isFinished = true
        return Self.skip
    }

    private static let proceed = CInt(NL_OK.rawValue)
    private static let skip = CInt(NL_SKIP.rawValue)

    /// After the code and the header of the refused message, which the socket asks the kernel to cut there.
    private static func detail(_ header: UnsafeMutablePointer<nlmsghdr>) -> String? {
        guard Int32(header.pointee.nlmsg_flags) & NLM_F_ACK_TLVS != 0,
            Int32(header.pointee.nlmsg_flags) & NLM_F_CAPPED != 0,
            let attribute = nlmsg_find_attr(
                header, CInt(MemoryLayout<nlmsgerr>.size), CInt(NLMSGERR_ATTR_MSG.rawValue))
        else { return nil }
        let text = UnsafeRawBufferPointer(start: nla_data(attribute), count: max(0, Int(nla_len(attribute))))
        return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    }
}

extension NetlinkError {
    /// From one of libnl's codes, which are negative and have no errno of their own.
    init(_ operation: String, nl code: CInt) {
        switch -code {
        case CInt(NLE_OBJ_NOTFOUND): self.init(operation, code: ENOENT)
        case CInt(NLE_PERM), CInt(NLE_NOACCESS): self.init(operation, code: EPERM)
        case CInt(NLE_NOMEM): self.init(operation, code: ENOBUFS)
        case CInt(NLE_INTR), CInt(NLE_DUMP_INTR): self.init(operation, code: EINTR)
        case CInt(NLE_MSGSIZE): self.init(operation, code: EMSGSIZE)
        case CInt(NLE_AGAIN): self.init(operation, code: EPROTO, detail: "the kernel did not answer")
        default: self.init(operation, code: EPROTO, detail: String(cString: nl_geterror(code)))
        }
    }
}
