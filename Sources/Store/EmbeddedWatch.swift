import StoreCore
import Synchronization

/// Reads changes from the store's memory, or from disk when it has fallen far behind; waits when there are none.
final class EmbeddedWatch: StoreWatch {
    private static let eventsAtOnce = 1000

    private let store: EmbeddedStore
    private let hub: WatchHub
    private let range: KeyRange
    /// The first revision that it has not looked at.
    private let position: Mutex<Revision>

    init(_ store: EmbeddedStore, _ hub: WatchHub, _ range: KeyRange, from first: Revision) {
        self.store = store
        self.hub = hub
        self.range = range
        position = Mutex(first)
    }

    func next(patience: Duration?) async throws -> WatchBatch {
        let deadline = patience.map { ContinuousClock.now + $0 }
        while true {
            try Task.checkCancellation()
            let first = position.withLock { $0 }
            let batch = try store.changes(range, from: first, limit: Self.eventsAtOnce)
            position.withLock { $0 = max(first, batch.revision + 1) }
            if !batch.events.isEmpty { return batch }
            let seen = batch.revision
            // Disk gives a part at a time.
            if seen < store.revisions.latest { continue }
            if let deadline, deadline <= .now { return batch }
            let store = store
            try await hub.wait(range, until: deadline) { store.revisions.latest > seen }
        }
    }
}
