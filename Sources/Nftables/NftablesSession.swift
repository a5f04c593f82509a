import CNftnl
import Glibc
import Netlink

/// Writes tables. One netlink socket; used from one thread at a time.
public struct NftablesSession: ~Copyable {
    var socket: NetlinkSocket

    /// Notifications about this session's own changes carry this number.
    public var portID: UInt32 { socket.portID }

    public init() throws(NftablesError) {
        do { socket = try NetlinkSocket(.netfilter) } catch { throw NftablesError(error) }
    }

    /// Applies all of the transaction or nothing. Empty transactions do nothing.
    public mutating func apply(_ transaction: Transaction) throws(NftablesError) {
        guard !transaction.isEmpty else { return }
        let batch = BatchEncoder(transaction, firstSequence: socket.nextSequence())
        socket.skipSequences(to: batch.lastSequence &+ 1)
        let replies: [NetlinkReply]
        do {
            replies = try socket.exchange(batch.writer.bytes, operation: "change table \(transaction.table)")
        } catch { throw NftablesError(error) }
        let refusals = replies.filter { $0.code != 0 }
        guard refusals.isEmpty else {
            throw NftablesError(
                transaction, refusals: refusals.map { (batch.operations[$0.sequence], $0) })
        }
        guard replies.contains(where: { $0.sequence == batch.lastSequence }) else {
            throw NftablesError(NetlinkError("change table \(transaction.table)", code: EPROTO, detail: "no answer"))
        }
    }
}

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
        summary
            + refusals.prefix(3).map { refusal in
                "; \(refusal.operation ?? "the whole batch"): \(Self.meaning(refusal.code))\(refusal.detail.map { " (\($0))" } ?? "")"
            }.joined()
    }

    init(_ error: NetlinkError) {
        summary = "\(error)"
        code = error.code
        refusals = []
    }

    init(_ transaction: Transaction, refusals: [(operation: Int?, reply: NetlinkReply)]) {
        self.refusals = refusals.map { operation, reply in
            let text = operation.map { Transaction(transaction.table, [transaction.operations[$0]]).description }
            return Refusal(
                operation: text.map { String($0.prefix(300)).trimmingNewlines }, code: reply.code, detail: reply.detail)
        }
        code = refusals.first?.reply.code ?? EPROTO
        summary = "table \(transaction.table) was not changed"
    }

    /// What the kernel means, in words that say what to do.
    static func meaning(_ code: CInt) -> String {
        switch code {
        case ENOENT: "something it refers to does not exist, or the kernel lacks the expression"
        case EOPNOTSUPP: "the kernel lacks this (load nf_tables and its nft_* modules, or use a newer kernel)"
        case EEXIST: "there is another with this name or key"
        case EBUSY: "it is still in use"
        case EPERM: "not permitted: run as root (CAP_NET_ADMIN)"
        case EMSGSIZE, ENOBUFS:
            "the transaction is larger than the socket's buffer: run as root, or raise net.core.wmem_max"
        default: String(cString: strerror(code))
        }
    }
}

extension String {
    var trimmingNewlines: String { String(self.reversed().drop { $0 == "\n" }.reversed()) }
}
