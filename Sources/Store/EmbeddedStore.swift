import Glibc
import StoreCore
import Synchronization
import Threads

/// The store in this process: live objects in memory, every acknowledged write on disk.
///
/// One thread at a time writes: one of its own, or at quiet times the one that asks. It takes all requests that wait,
/// applies them to a copy of the state, commits what they changed in one synced transaction, and only then shows the new
/// state, wakes watchers and answers. Readers see what has been acknowledged, and wait for nobody.
public final class EmbeddedStore: Store {
    private let file: StoreFile
    private let shared: Mutex<Shared>
    private let queue = WriteQueue()
    private let hub: WatchHub
    private let clock: @Sendable () -> Int64
    private let steps: Mutex<ClockSteps>
    private let onCommit: @Sendable (CommitReport) -> Void
    private let ended = Signal()
    private let compacting = Atomic<Bool>(true)
    /// Held by whoever writes.
    private let turn = Mutex(WritingPace())

    /// What has been acknowledged.
    private struct Shared: Sendable {
        var space: KeySpace
        var ring: EventRing
    }

    /// Opens the store in a folder, or makes one.
    /// - Parameters:
    ///   - clock: wall-clock milliseconds.
    ///   - steady: milliseconds that nobody sets: leases keep the time they have left when the clock jumps.
    ///   - onCommit: called by who writes after each write to disk; must be quick.
    public init(
        folder: String, clock: @escaping @Sendable () -> Int64 = EmbeddedStore.wallClock,
        steady: @escaping @Sendable () -> Int64 = EmbeddedStore.bootClock,
        onCommit: @escaping @Sendable (CommitReport) -> Void = { _ in }
    ) throws(StoreError) {
        self.clock = clock
        self.onCommit = onCommit
        steps = Mutex(ClockSteps(wall: clock, steady: steady))
        file = try StoreFile(folder: folder)
        let space = try file.load(now: clock())
        hub = WatchHub(latest: space.revision) { [queue] in queue.nudge() }
        shared = Mutex(Shared(space: space, ring: EventRing(start: space.revision)))
        do {
            try OwnThread { [self] in
                write()
                ended.send()
            }.detach()
        } catch {
            throw .unavailable("cannot start the store's writer: \(error)")
        }
    }

    public static let wallClock: @Sendable () -> Int64 = { milliseconds(CLOCK_REALTIME) }

    /// Since the machine started, sleep included.
    public static let bootClock: @Sendable () -> Int64 = { milliseconds(CLOCK_BOOTTIME) }

    private static func milliseconds(_ clock: clockid_t) -> Int64 {
        var now = timespec()
        clock_gettime(clock, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }

    /// Answers what waits, then closes the file. Requests after that fail; watches end with an error.
    public func close() async {
        queue.close()
        await ended.wait()
        hub.endAll(StoreError.unavailable("the store is closed"))
        try? await OwnThread.wait { [self] in try turn.withLock { _ in try file.close() } }
    }

    // MARK: Store

    public var revisions: (latest: Revision, compacted: Revision) {
        shared.withLock { ($0.space.revision, $0.space.compactedRevision) }
    }

    /// Keys that are there now.
    public var count: Int { shared.withLock { $0.space.count } }

    public func range(_ query: RangeQuery) async throws -> (result: RangeResult, revision: Revision) {
        let state = shared.withLock { $0 }
        return (try state.space.range(query, past(state)), state.space.revision)
    }

    public func apply(_ transaction: Transaction) async throws -> TransactionResult {
        try await ask { .apply(transaction, $0) }
    }

    /// As `apply`; `done` must be quick. It is called on the writer's thread, or at once on this one: when nobody else writes
    /// and the disk is quick, the way to another thread and back costs more than the disk.
    public func apply(
        _ transaction: Transaction, then done: @escaping @Sendable (Result<TransactionResult, any Error>) -> Void
    ) {
        let request = WriteQueue.Request.apply(transaction, done)
        if !(transaction.isShort && writeHere(request)) { queue.add(request) }
    }

    /// False when it is the writer's.
    private func writeHere(_ request: WriteQueue.Request) -> Bool {
        turn.withLockIfAvailable { pace in
            guard pace.isLone(at: .now), queue.isIdle else { return false }
            perform([request], &pace)
            return true
        } ?? false
    }

    /// A read of one key, or of how many there are, as they are now: it is in memory. nil for any other.
    public func rangeNow(_ query: RangeQuery) throws -> (result: RangeResult, revision: Revision)? {
        guard query.range.isSingle || query.countOnly, query.revision <= 0 else { return nil }
        let space = shared.withLock { $0.space }
        return (try space.range(query) { _, _ in [] }, space.revision)
    }

    public func compact(_ revision: Revision) async throws { try await ask { .compact(revision, $0) } }

    public func grantLease(_ id: LeaseID, seconds: Int64) async throws -> Lease {
        try await ask { .grant(id, seconds: seconds, $0) }
    }

    public func keepLeaseAlive(_ id: LeaseID) async throws -> Lease { try await ask { .keepAlive(id, $0) } }

    public func revokeLease(_ id: LeaseID) async throws -> Revision { try await ask { .revoke(id, $0) } }

    public func lease(_ id: LeaseID) async throws -> Lease {
        guard let lease = shared.withLock({ $0.space.leases[id] }) else { throw StoreError.leaseNotFound }
        return lease
    }

    public func leases() async throws -> [LeaseID] { shared.withLock { $0.space.leases.ids } }

    public func watch(_ range: KeyRange, from first: Revision) async throws -> any StoreWatch {
        let (latest, compacted) = revisions
        guard first == 0 || first >= compacted else { throw StoreError.compacted(compacted) }
        return EmbeddedWatch(self, range, from: first == 0 ? latest + 1 : first)
    }

    private func ask<Value: Sendable>(
        _ request: (@escaping @Sendable (Result<Value, any Error>) -> Void) -> WriteQueue.Request
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.add(request { continuation.resume(with: $0) })
        }
    }

    // MARK: Maintenance

    public func size() async throws -> StoreSize { try await OwnThread.wait { [file] in try file.size() } }

    /// As `size`, for threads that may wait for the disk.
    public func sizeNow() throws -> StoreSize { try file.size() }

    /// Ranges that are watched.
    public var watcherCount: Int { hub.count }

    /// True while compacted rows are still on disk.
    public var isCompacting: Bool { compacting.load(ordering: .acquiring) }

    /// Returns when nothing that was compacted is on disk any more.
    public func waitForCompaction() async throws {
        while isCompacting { try await Task.sleep(for: .milliseconds(2)) }
    }

    /// Copies the store as it is into a new file of its folder, without holding up writers. The file is the caller's; the
    /// next start removes what is left of them.
    public func snapshot() async throws -> String { try await OwnThread.wait { [file] in try file.snapshot() } }

    /// Gives free pages back to the file system. Writers wait meanwhile.
    public func defragment() async throws { try await OwnThread.wait { [file] in try file.defragment() } }

    /// CRC-32C of all keys and values as they were at a revision; 0 for the latest.
    public func hash(at revision: Revision) async throws -> (value: UInt32, revision: Revision) {
        var query = RangeQuery(.all)
        query.revision = revision
        let (result, latest) = try await range(query)
        var sum = CRC32C()
        for keyValue in result.keyValues { sum.add(keyValue) }
        return (sum.value, revision > 0 ? revision : latest)
    }

    public func remainingSeconds(of lease: Lease) -> Int64 { lease.remaining(now: clock()) }

    // MARK: History

    /// To hear of changes, for readers that use `changes`.
    public func subscription() -> WatchSubscription { WatchSubscription(hub) }

    /// What a watch of the range sees next from revision `first` on: whole revisions, about as much as `part` says, and
    /// the revision up to which it has seen everything.
    public func changes(_ range: KeyRange, from first: Revision, _ part: WatchPart) throws -> WatchBatch {
        let state = shared.withLock { $0 }
        if first < state.space.compactedRevision { throw StoreError.compacted(state.space.compactedRevision) }
        guard let recent = state.ring.events(after: first - 1) else {
            let events = try file.events(from: first, part)
            // What was compacted meanwhile may be missing.
            let compacted = revisions.compacted
            if first < compacted { throw StoreError.compacted(compacted) }
            let seen = events.last?.revision ?? state.space.revision
            return WatchBatch(events: events.filter { range.contains($0.key) }, revision: seen)
        }
        var events: [StoreEvent] = []
        var bytes = 0
        for revision in recent {
            for event in revision where range.contains(event.key) {
                events.append(event)
                bytes += event.bytes
            }
            if part.isFull(events.count, bytes: bytes) {
                return WatchBatch(events: events, revision: revision[0].revision)
            }
        }
        return WatchBatch(events: events, revision: max(state.space.revision, first - 1))
    }

    /// Older states of a range: from memory where it goes back far enough, else from disk.
    private func past(_ state: Shared) -> KeySpace.Past {
        { range, revision in
            if let recent = state.ring.events(after: revision) {
                return recent.joined().filter { range.contains($0.key) }.reversed()
            }
            return try self.undo(range, after: revision)
        }
    }

    /// From disk, for a state that was copied a moment ago.
    func undo(_ range: KeyRange, after revision: Revision) throws -> [StoreEvent] {
        let events = try file.undo(range, after: revision)
        // What was compacted meanwhile may be missing.
        let compacted = revisions.compacted
        if revision < compacted { throw StoreError.compacted(compacted) }
        return events
    }

    // MARK: The writer

    private static let tickMilliseconds = 500
    private static let rowsCompactedAtOnce = 128

    private func write() {
        var isHeldUp = false
        while true {
            let isCompacting = self.isCompacting
            let isTicking = shared.withLock { $0.space.leases.count > 0 } || hub.hasDeadlines
            let patience = isCompacting && !isHeldUp ? 0 : isTicking || isHeldUp ? Self.tickMilliseconds : nil
            guard let requests = queue.take(milliseconds: patience) else { return }
            if requests.contains(where: \.isCompaction) { compacting.store(true, ordering: .releasing) }
            turn.withLock { pace in
                followClock(&pace)
                perform(requests, &pace)
                revokeExpired(&pace)
                hub.endPatience(now: .now)
                // A little between writes: nobody waits long for it.
                if self.isCompacting { isHeldUp = !compactSome() }
            }
        }
    }

    /// False when the disk refuses: it is tried again later.
    private func compactSome() -> Bool {
        guard let isLeft = try? file.compactSome(rows: Self.rowsCompactedAtOnce) else { return false }
        compacting.store(isLeft, ordering: .releasing)
        return true
    }

    /// When somebody has set the clock, deadlines move with it.
    private func followClock(_ pace: inout WritingPace) {
        let step = steps.withLock { $0.step() }
        guard step != 0, shared.withLock({ $0.space.leases.count > 0 }) else { return }
        perform([.shiftLeases(milliseconds: step)], &pace)
    }

    private func revokeExpired(_ pace: inout WritingPace) {
        let now = clock()
        let expired = shared.withLock { $0.space.leases.count > 0 ? $0.space.expiredLeases(now: now) : [] }
        if !expired.isEmpty { perform(expired.map { .revoke($0) { _ in } }, &pace) }
    }

    /// All requests in one commit.
    private func perform(_ requests: [WriteQueue.Request], _ pace: inout WritingPace) {
        guard !requests.isEmpty else { return }
        let batch = applied(requests)
        do {
            if !batch.changes.isEmpty {
                let start = ContinuousClock.now
                try file.commit(batch.changes)
                let time = ContinuousClock.now - start
                pace.note(requests: requests.count, time: time, end: start + time)
                onCommit(CommitReport(requests: requests.count, changes: batch.changes.count, time: time))
            }
        } catch {
            return batch.fail(StoreError.unavailable("the store cannot write to disk, nothing was changed: \(error)"))
        }
        shared.withLock { shared in
            shared.space = batch.space
            for events in batch.events { shared.ring.append(events) }
            shared.ring.compact(batch.space.compactedRevision)
        }
        hub.wake(batch.events, latest: batch.space.revision)
        batch.acknowledge()
    }

    /// Copies of the state end here: what is shared would have to be copied when it is changed.
    private func applied(_ requests: [WriteQueue.Request]) -> WriteBatch {
        let state = shared.withLock { $0 }
        var batch = WriteBatch(state.space, now: clock())
        for request in requests { batch.perform(request, past(state, and: batch.events)) }
        return batch
    }

    /// As `past`, with what the same batch has done before.
    private func past(_ state: Shared, and pending: [[StoreEvent]]) -> KeySpace.Past {
        { [self] range, revision in
            let new = pending.joined().filter { $0.revision > revision && range.contains($0.key) }
            let old = revision < state.space.revision ? try past(state)(range, revision) : []
            return new.reversed() + old
        }
    }
}

extension WriteQueue.Request {
    fileprivate var isCompaction: Bool {
        if case .compact = self { true } else { false }
    }
}
