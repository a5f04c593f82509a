import EtcdAPI
import GRPCServer
import Store
import StoreCore

/// Reads for many watches at once: what several of them ask alike is read and encoded once.
struct WatchPass {
    /// What one watch has to be told.
    struct Read {
        let batch: WatchBatch
        /// The store's revision then.
        let revision: Revision
        /// Encoded events, one element for each response; empty when there is nothing to tell.
        let parts: [[UInt8]]

        /// `response` without events is what the responses have in common.
        func messages(_ response: WatchResponse) throws -> MessageBatch {
            var messages = MessageBatch()
            for (index, part) in parts.enumerated() {
                var response = response
                response.fragment = index < parts.count - 1
                try messages.add { buffer in
                    try response.append(to: &buffer)
                    buffer.writeBytes(part)
                }
            }
            return messages
        }
    }

    private let server: ServerState
    private var last: (order: WatchOrder, first: Revision, read: Read)?

    init(_ server: ServerState) { self.server = server }

    mutating func read(_ order: WatchOrder, from first: Revision) throws -> Read {
        if let last, last.first == first, last.order == order { return last.read }
        let batch = try server.store.changes(order.range, from: first, WatchPart())
        let revision = min(batch.revision, server.store.revisions.latest)
        let events = batch.events.filter(order.shows)
        var parts = events.isEmpty ? [] : [events[...]]
        if order.mayFragment, !events.isEmpty { parts = Fragments.split(events, limit: server.limits.messageBytes) }
        let read = Read(
            batch: batch, revision: revision,
            parts: try parts.map { try EncodedEvents.bytes($0, withPrevious: order.wantsPrevious) })
        last = (order, first, read)
        return read
    }
}

/// The field `events` of a `WatchResponse`: fields of one message may stand one behind the other.
enum EncodedEvents {
    static func bytes(_ events: ArraySlice<StoreEvent>, withPrevious: Bool) throws -> [UInt8] {
        var response = WatchResponse()
        response.events = events.map { Mvccpb_Event($0, withPrevious: withPrevious) }
        return try response.serializedBytes()
    }
}
