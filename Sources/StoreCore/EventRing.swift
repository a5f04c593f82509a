/// The latest events in memory, oldest first; older ones are on disk. Bounded in events and in bytes.
public struct EventRing: Sendable {
    /// Events of one revision stay together.
    private var revisions: [[StoreEvent]] = []
    private var head = 0
    private var bytes = 0
    private var events = 0
    private let mostEvents: Int
    private let mostBytes: Int
    /// Every event after this revision is here.
    public private(set) var start: Revision

    /// `start`: the store's revision when the ring begins.
    public init(start: Revision, mostEvents: Int = 65_536, mostBytes: Int = 32 << 20) {
        self.start = start
        self.mostEvents = mostEvents
        self.mostBytes = mostBytes
    }

    /// `new` are all of one revision, later than those before.
    public mutating func append(_ new: [StoreEvent]) {
        guard !new.isEmpty else { return }
        revisions.append(new)
        events += new.count
        bytes += Self.bytes(new)
        while events > mostEvents || bytes > mostBytes, revisions.count - head > 1 {
            let old = revisions[head]
            start = old[0].revision
            events -= old.count
            bytes -= Self.bytes(old)
            revisions[head] = []
            head += 1
        }
        if head > 1024, head * 2 > revisions.count {
            revisions.removeFirst(head)
            head = 0
        }
    }

    /// Forgets what came before `revision`.
    public mutating func compact(_ revision: Revision) {
        while head < revisions.count, revisions[head][0].revision < revision {
            start = revisions[head][0].revision
            events -= revisions[head].count
            bytes -= Self.bytes(revisions[head])
            revisions[head] = []
            head += 1
        }
    }

    /// Events after `revision` in their order, of whole revisions; nil when some are only on disk.
    public func events(after revision: Revision) -> ArraySlice<[StoreEvent]>? {
        guard revision >= start else { return nil }
        var low = head
        var high = revisions.count
        while low < high {
            let middle = (low + high) / 2
            if revisions[middle][0].revision <= revision { low = middle + 1 } else { high = middle }
        }
        return revisions[low...]
    }

    private static func bytes(_ events: [StoreEvent]) -> Int {
        events.reduce(0) { $0 + $1.keyValue.value.count + $1.key.count + ($1.previous?.value.count ?? 0) + 128 }
    }
}
