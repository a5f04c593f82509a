/// The latest events in memory, oldest first; older ones are on disk. Bounded in events and in bytes.
///
/// Copies share what they have in chunks: to add to one that has been copied costs a chunk, not all of it.
public struct EventRing: Sendable {
    /// Revisions of a chunk; all chunks but the last have so many.
    private static let chunkRevisions = 256

    /// Events of one revision stay together.
    private var chunks: [[[StoreEvent]]] = [[]]
    /// Revisions of the first chunk that are forgotten.
    private var head = 0
    private var count = 0
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
        if chunks[chunks.count - 1].count == Self.chunkRevisions { chunks.append([]) }
        chunks[chunks.count - 1].append(new)
        count += 1
        events += new.count
        bytes += Self.bytes(new)
        while events > mostEvents || bytes > mostBytes, count > 1 { forgetOldest() }
    }

    /// Forgets what came before `revision`.
    public mutating func compact(_ revision: Revision) {
        while count > 0, self.revision(0) < revision { forgetOldest() }
    }

    private mutating func forgetOldest() {
        let old = chunks[0][head]
        start = old[0].revision
        count -= 1
        events -= old.count
        bytes -= Self.bytes(old)
        chunks[0][head] = []
        head += 1
        guard head == chunks[0].count else { return }
        if chunks.count > 1 { chunks.removeFirst() } else { chunks[0] = [] }
        head = 0
    }

    /// Events after `revision` in their order, by revision; nil when some are only on disk.
    public func events(after revision: Revision) -> FlattenSequence<[ArraySlice<[StoreEvent]>]>? {
        guard revision >= start else { return nil }
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self.revision(middle) <= revision { low = middle + 1 } else { high = middle }
        }
        guard low < count else { return [ArraySlice<[StoreEvent]>]().joined() }
        let (chunk, place) = (low + head).quotientAndRemainder(dividingBy: Self.chunkRevisions)
        return ([chunks[chunk][place...]] + chunks[(chunk + 1)...].map { $0[...] }).joined()
    }

    /// Of the revision at a place, counted from the oldest that is here.
    private func revision(_ place: Int) -> Revision {
        let (chunk, place) = (place + head).quotientAndRemainder(dividingBy: Self.chunkRevisions)
        return chunks[chunk][place][0].revision
    }

    private static func bytes(_ events: [StoreEvent]) -> Int {
        events.reduce(0) { $0 + $1.keyValue.value.count + $1.key.count + ($1.previous?.value.count ?? 0) + 128 }
    }
}
