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
        try send(transaction, isRehearsal: false, "change table \(transaction.table)")
    }

    /// Has the kernel try the transaction and take it back: throws what `apply` would, changes nothing, wakes nobody.
    public mutating func check(_ transaction: Transaction) throws(NftablesError) {
        try send(transaction, isRehearsal: true, "check a change of table \(transaction.table)")
    }

    private mutating func send(
        _ transaction: Transaction, isRehearsal: Bool, _ purpose: String
    ) throws(NftablesError) {
        let batch = BatchEncoder(transaction, firstSequence: socket.nextSequence(), isRehearsal: isRehearsal)
        guard !batch.parts.isEmpty else { return }
        socket.skipSequences(to: batch.lastSequence &+ 2)
        let replies: [NetlinkReply]
        do {
            replies = try socket.exchange(batch.writer.bytes, operation: purpose)
        } catch { throw NftablesError(error) }
        let refusals = replies.filter { $0.code != 0 }
        guard refusals.isEmpty else { throw NftablesError(batch, transaction, refusals) }
        guard replies.contains(where: { $0.sequence == batch.lastSequence }) else {
            throw NftablesError(NetlinkError(purpose, code: EPROTO, detail: "the kernel did not answer"))
        }
    }
}
