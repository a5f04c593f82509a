/// Which items are to be worked on, as client-go's rate-limited work queue.
///
///     add ──▶ waiting ──next──▶ in work ──done──▶ gone
///               ▲                  │ add: dirty
///     addAfter ─┘ (when due)       └─done──▶ waiting
///
/// An item that is added while it waits is there once; one that is added while it is in work comes again after `done`,
/// so that no two workers ever hold the same item. Pure: time comes in.
public struct WorkQueue<Key: Hashable & Sendable, Instant: InstantProtocol>: Sendable
where Instant.Duration == Duration {
    private struct Delayed: Sendable {
        let due: Instant
        let key: Key
    }

    private var waiting: [Key] = []
    /// Where `waiting` begins: what lies before has been handed out.
    private var head = 0
    /// To be worked on: in `waiting`, or again after `done`.
    private var dirty: Set<Key> = []
    private var inWork: Set<Key> = []
    private var delayed = PriorityHeap<Delayed> { $0.due < $1.due }
    /// The earliest time each delayed item is due; others in the heap are stale.
    private var dueTimes: [Key: Instant] = [:]
    private var limiter: RetryLimiter<Key, Instant>

    public init(_ policy: RetryLimiter<Key, Instant>.Policy = .init(), now: Instant) {
        limiter = RetryLimiter(policy, now: now)
    }

    /// Items that wait for a worker now.
    public var count: Int { waiting.count - head }
    public var inWorkCount: Int { inWork.count }
    public var delayedCount: Int { dueTimes.count }
    /// Nothing waits, is in work, or is delayed.
    public var isIdle: Bool { count == 0 && inWork.isEmpty && dueTimes.isEmpty }

    public mutating func add(_ key: Key) {
        guard dirty.insert(key).inserted, !inWork.contains(key) else { return }
        waiting.append(key)
    }

    /// The earlier of two delays counts. Without delay it is `add`.
    public mutating func add(_ key: Key, after delay: Duration, now: Instant) {
        guard delay > .zero else { return add(key) }
        let due = now.advanced(by: delay)
        if let known = dueTimes[key], known <= due { return }
        dueTimes[key] = due
        delayed.insert(Delayed(due: due, key: key))
    }

    /// Work on the item failed: it comes again after its backoff.
    public mutating func retry(_ key: Key, now: Instant) { add(key, after: limiter.delay(key, at: now), now: now) }

    /// The item is well: its next failure waits the shortest time again.
    public mutating func forget(_ key: Key) { limiter.forget(key) }

    public func failureCount(_ key: Key) -> Int { limiter.failureCount(key) }

    /// The next item to work on; nil when nothing waits. `done` must follow.
    public mutating func next(now: Instant) -> Key? {
        release(now)
        guard head < waiting.count else { return nil }
        let key = waiting[head]
        head += 1
        if head > 1024, head * 2 > waiting.count {
            waiting.removeFirst(head)
            head = 0
        }
        dirty.remove(key)
        inWork.insert(key)
        return key
    }

    public mutating func done(_ key: Key) {
        guard inWork.remove(key) != nil, dirty.contains(key) else { return }
        waiting.append(key)
    }

    /// When the next delayed item is due; nil when none is delayed.
    public var nextDue: Instant? { delayed.first?.due }

    private mutating func release(_ now: Instant) {
        while let first = delayed.first, first.due <= now {
            _ = delayed.popFirst()
            guard dueTimes[first.key] == first.due else { continue }
            dueTimes[first.key] = nil
            add(first.key)
        }
    }
}
