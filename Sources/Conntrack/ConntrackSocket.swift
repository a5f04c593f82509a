import CLinux
import Glibc
import NetTypes
import Netlink

/// The connection tracking table of the namespace of the thread that opens it. One thread at a time.
public struct ConntrackSocket: ~Copyable {
    private var reader: NetlinkSocket
    /// Deletions go out while a dump is being read.
    private var deleter: NetlinkSocket

    public init() throws(NetlinkError) {
        let reader = try NetlinkSocket(.netfilter)
        let deleter = try NetlinkSocket(.netfilter, receiveBuffer: 1 << 20)
        self.reader = reader
        self.deleter = deleter
    }

    /// Hands over every flow that `filter` matches, one at a time as they arrive. A table that changes meanwhile may
    /// show a flow twice, or not at all.
    public mutating func forEach(_ filter: FlowFilter = FlowFilter(), _ body: (Flow) -> Void) throws(NetlinkError) {
        try Self.forEach(filter, &reader, body)
    }

    /// Deletes one flow; false if it was gone already.
    @discardableResult
    public mutating func delete(_ flow: Flow) throws(NetlinkError) -> Bool {
        var batch = DeleteBatch()
        batch.add(flow, &deleter)
        return try batch.send(&deleter) == 1
    }

    /// Deletes the TCP, UDP and SCTP flows that `filter` and `predicate` match, and returns how many it deleted.
    @discardableResult
    public mutating func deleteAll(
        _ filter: FlowFilter = FlowFilter(), where predicate: (Flow) -> Bool
    ) throws(NetlinkError) -> Int {
        try Self.deleteAll(filter, where: predicate, &reader, &deleter)
    }

    private static func deleteAll(
        _ filter: FlowFilter, where predicate: (Flow) -> Bool, _ reader: inout NetlinkSocket,
        _ deleter: inout NetlinkSocket
    ) throws(NetlinkError) -> Int {
        var batch = DeleteBatch()
        var deleted = 0
        var failure: NetlinkError?
        func send() {
            do throws(NetlinkError) { deleted += try batch.send(&deleter) } catch { failure = failure ?? error }
        }
        do {
            try forEach(filter, &reader) { flow in
                guard flow.proto != nil, predicate(flow) else { return }
                batch.add(flow, &deleter)
                if batch.isFull { send() }
            }
        } catch  where error.code == EINTR {
            // Flows came or went while the dump ran; what was seen is still to be deleted.
        }
        send()
        if let failure { throw failure }
        return deleted
    }

    private static func forEach(
        _ filter: FlowFilter, _ reader: inout NetlinkSocket, _ body: (Flow) -> Void
    ) throws(NetlinkError) {
        guard filter.family == nil, filter.needsFamily else {
            return try dump(filter, filter.family, &reader, body)
        }
        for family in IPFamily.allCases { try dump(filter, family, &reader, body) }
    }

    /// Asks the kernel to filter, and again without when it cannot.
    private static func dump(
        _ filter: FlowFilter, _ family: IPFamily?, _ reader: inout NetlinkSocket, _ body: (Flow) -> Void
    ) throws(NetlinkError) {
        let operation = "list tracked connections"
        for isFiltered in [true, false] {
            let sequence = reader.nextSequence()
            let bytes = ConntrackMessage.dump(filter, family: family, sequence: sequence, isFiltered: isFiltered)
            do {
                return try reader.dump(bytes, sequence: sequence, operation: operation) { message in
                    if let flow = Flow(message), filter.matches(flow) { body(flow) }
                }
            } catch  where isFiltered && (error.code == EOPNOTSUPP || error.code == EINVAL) {
                continue
            }
        }
    }
}

/// Deletions that go to the kernel together.
private struct DeleteBatch {
    private var writer = NetlinkWriter(capacity: 32 << 10)
    private var count = 0

    var isFull: Bool { count >= 128 }

    mutating func add(_ flow: Flow, _ socket: inout NetlinkSocket) {
        ConntrackMessage.delete(flow, sequence: socket.nextSequence(), into: &writer)
        count += 1
    }

    /// Returns how many flows were there to delete. Throws the first refusal that is not ENOENT.
    mutating func send(_ socket: inout NetlinkSocket) throws(NetlinkError) -> Int {
        guard count > 0 else { return 0 }
        let operation = "delete tracked connections"
        defer {
            writer.removeAll()
            count = 0
        }
        let replies = try socket.exchange(writer.bytes, operation: operation)
        if let refusal = replies.first(where: { $0.code != 0 && $0.code != ENOENT }) {
            throw NetlinkError(operation, code: refusal.code, detail: refusal.detail)
        }
        return replies.count { $0.code == 0 }
    }
}
