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
    /// With the time when work on them began.
    private var inWork: [Key: Instant] = [:]
    /// Since when items of `dirty` wait.
    private var since: [Key: Instant] = [:]
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

    /// - Parameter now: from when on its waiting is measured; nil for one whose waiting is not.
    public mutating func add(_ key: Key, now: Instant? = nil) {
        guard dirty.insert(key).inserted else { return }
        additions += 1
        since[key] = now
        if inWork[key] == nil { waiting.append(key) }
    }

    /// The earlier of two delays counts. Without delay it is `add`.
    public mutating func add(_ key: Key, after delay: Duration, now: Instant) {
        guard delay > .zero else { return add(key, now: now) }
        let due = now.advanced(by: delay)
        if let known = dueTimes[key], known <= due { return }
        dueTimes[key] = due
        delayed.insert(Delayed(due: due, key: key))
    }

    /// Work on the item failed: it comes again after its backoff.
    public mutating func retry(_ key: Key, now: Instant) {
        retries += 1
        add(key, after: limiter.delay(key, at: now), now: now)
    }

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
        inWork[key] = now
        lastWait = since.removeValue(forKey: key).map { $0.duration(to: now) } ?? .zero
        return key
    }

    public mutating func done(_ key: Key) {
        guard inWork.removeValue(forKey: key) != nil, dirty.contains(key) else { return }
        waiting.append(key)
    }

    /// When the next delayed item is due; nil when none is delayed.
    public var nextDue: Instant? { delayed.first?.due }

    private mutating func release(_ now: Instant) {
        while let first = delayed.first, first.due <= now {
            _ = delayed.popFirst()
            guard dueTimes[first.key] == first.due else { continue }
            dueTimes[first.key] = nil
            add(first.key, now: first.due)
        }
    }

    // MARK: - Figures

    /// How many items were added so far, besides those that were there already.
    public private(set) var additions = 0
    /// How many times work has failed so far.
    public private(set) var retries = 0
    /// For how long the item had waited that `next` gave last.
    public private(set) var lastWait = Duration.zero

    /// For how long the items in work have been worked on.
    public func workTimes(now: Instant) -> [Duration] { inWork.values.map { $0.duration(to: now) } }
}
