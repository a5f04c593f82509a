import StoreCore
import Synchronization

/// How far a watch has read.
public struct WatchPosition: Sendable {
    /// The first revision that it has not looked at.
    public private(set) var next: Revision
    /// It has read all that there was, and hears of what comes.
    public private(set) var isCurrent = false

    public init(next: Revision) { self.next = next }

    /// Nothing up to here is missing.
    public var seen: Revision { next - 1 }

    /// After a read from `next` on. `latest`: the store's revision after that.
    public mutating func read(_ batch: WatchBatch, latest: Revision) {
        next = max(next, batch.revision + 1)
        isCurrent = seen >= latest
    }

    /// Its range has changed, at this revision at the earliest. What came before it need not be read, and may be
    /// compacted by now.
    public mutating func changed(from first: Revision) {
        if isCurrent { next = max(next, first) }
        isCurrent = false
    }

    /// Its range has not changed up to this revision.
    public mutating func quiet(_ revision: Revision) {
        if isCurrent { next = max(next, revision + 1) }
    }
}

/// How much of the changes is read at once, so that a watch that begins long ago holds little of them.
public struct WatchPart: Sendable {
    public var events = 1000
    public var bytes = 4 << 20

    public init() {}

    func isFull(_ events: Int, bytes: Int) -> Bool { events >= self.events || bytes >= self.bytes }
}

/// Reads changes from the store's memory, or from disk when it has fallen far behind; waits when there are none.
final class EmbeddedWatch: StoreWatch {
    private let store: EmbeddedStore
    private let subscription: WatchSubscription
    private let range: KeyRange
    private let position: Mutex<WatchPosition>

    init(_ store: EmbeddedStore, _ range: KeyRange, from first: Revision) {
        self.store = store
        self.range = range
        position = Mutex(WatchPosition(next: first))
        subscription = store.subscription()
        _ = subscription.add(range)
    }

    deinit { subscription.removeAll() }

    func next(patience: Duration?) async throws -> WatchBatch {
        let deadline = patience.map { ContinuousClock.now + $0 }
        while true {
            try Task.checkCancellation()
            var position = position.withLock { $0 }
            if position.isCurrent {
                let wake = try await subscription.wait(until: deadline)
                switch wake {
                case .changed(let ranges): position.changed(from: ranges.values.min() ?? position.next)
                case .quiet(let revision): position.quiet(revision)
                }
                self.position.withLock { $0 = position }
                if case .quiet = wake { return WatchBatch(events: [], revision: position.seen) }
            }
            let batch = try store.changes(range, from: position.next, WatchPart())
            position.read(batch, latest: store.revisions.latest)
            self.position.withLock { $0 = position }
            if !batch.events.isEmpty { return batch }
        }
    }
}
