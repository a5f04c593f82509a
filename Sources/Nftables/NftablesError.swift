import Glibc
import Netlink

/// Why a table could not be read or written.
public struct NftablesError: Error, CustomStringConvertible, Sendable {
    /// One refused operation.
    public struct Refusal: Sendable {
        /// The operation's text; nil when the whole batch was refused.
        public let operation: String?
        /// Positive errno.
        public let code: CInt
        public let detail: String?
    }

    public let summary: String
    /// Positive errno of the first refusal.
    public let code: CInt
    public let refusals: [Refusal]

    public var isNotFound: Bool { code == ENOENT }

    public var description: String {
        guard !refusals.isEmpty else { return Self.advice(code).map { "\(summary): \($0)" } ?? summary }
        let named = refusals.prefix(3).map { refusal in
            let detail = refusal.detail.map { " (\($0))" } ?? ""
            return "; \(refusal.operation ?? "the whole batch"): \(Self.meaning(refusal.code))\(detail)"
        }
        let others = refusals.count > 3 ? "; and \(refusals.count - 3) more" : ""
        return summary + named.joined() + others
    }

    init(_ error: NetlinkError) {
        summary = "\(error)"
        code = error.code
        refusals = []
    }

    init(_ batch: BatchEncoder, _ transaction: Transaction, _ replies: [NetlinkReply]) {
        let sets = transaction.operations.compactMap { if case .addSet(let spec) = $0 { spec } else { nil } }
        refusals = replies.map { reply in
            let text = batch.refused(reply, in: transaction).map { operation in
                let text = Transaction(transaction.table, [operation]).description(knowing: sets)
                return text.utf8.count <= 300 ? text : String(text.prefix(300)) + "…"
            }
            return Refusal(operation: text?.trimmingNewlines, code: reply.code, detail: reply.detail)
        }
        code = refusals.first?.code ?? EPROTO
        summary = "table \(transaction.table) was not changed"
    }

    /// What the kernel means, in words.
    static func meaning(_ code: CInt) -> String {
        switch code {
        case ENOENT: "something it refers to does not exist, or the kernel lacks the expression"
        case EEXIST: "there is another with this name or key"
        case EBUSY: "it is still in use"
        case EOPNOTSUPP: "a chain of this type or hook may not do this, or the kernel lacks it (load its nft_* module)"
        default: advice(code) ?? String(cString: strerror(code))
        }
    }

    /// What to do about errors that come from outside the transaction.
    private static func advice(_ code: CInt) -> String? {
        switch code {
        case EPERM: "not permitted: run as root (CAP_NET_ADMIN)"
        case EMSGSIZE, ENOBUFS:
            "the transaction is larger than the socket's buffer: run as root, or raise net.core.wmem_max"
        case EOPNOTSUPP, EPROTONOSUPPORT, EAFNOSUPPORT:
            "the kernel lacks this (load nf_tables and its nft_* modules, or use a newer kernel)"
        case EINTR: "it kept changing; try again"
        default: nil
        }
    }
}

extension String {
    fileprivate var trimmingNewlines: String { String(self.reversed().drop { $0 == "\n" }.reversed()) }
}
