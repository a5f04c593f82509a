import StoreCore
import Synchronization

/// What one reader wants to hear of: any number of ranges, each registered once for as long as it lasts. One task waits
/// at a time.
public final class WatchSubscription: Sendable {
    /// Why a wait is over.
    public enum Wake: Sendable {
        /// Ranges that changed, by the numbers they were registered under, and the first revision that may have done it.
        /// Nothing of them is missed before it.
        case changed([UInt64: Revision])
        /// The deadline has passed; no range has changed up to this revision.
        case quiet(Revision)
    }

    fileprivate struct Waiter {
        let number: UInt64
        let deadline: ContinuousClock.Instant?
        let continuation: CheckedContinuation<Wake, any Error>
    }

    fileprivate struct State {
        var changed: [UInt64: Revision] = [:]
        var waiter: Waiter?
        var lastWaiter: UInt64 = 0
        var cancelled: Set<UInt64> = []
        var ended: (any Error)?
        var isNudged = false
    }

    private let hub: WatchHub
    private let state = Mutex(State())
    private let ranges = Mutex<[UInt64: KeyRange]>([:])

    init(_ hub: WatchHub) { self.hub = hub }

    /// The reader's last call: it hears no more.
    public func removeAll() {
        let all = ranges.withLock { ranges in
            defer { ranges = [:] }
            return ranges
        }
        for (number, range) in all { hub.remove(number, range) }
    }

    /// Changes that come from now on are heard of.
    public func add(_ range: KeyRange) -> UInt64 {
        let number = hub.add(range, self)
        ranges.withLock { $0[number] = range }
        return number
    }

    public func remove(_ number: UInt64) {
        guard let range = ranges.withLock({ $0.removeValue(forKey: number) }) else { return }
        hub.remove(number, range)
        state.withLock { _ = $0.changed.removeValue(forKey: number) }
    }

    /// What has changed already, without waiting.
    public func take() -> Wake {
        // Read before: what is told up to it is in `changed`.
        let told = hub.toldRevision
        return state.withLock { $0.take() ?? .quiet(told) }
    }

    /// As `take`, which says the same afterwards.
    public func peek() -> Wake {
        let told = hub.toldRevision
        return state.withLock { $0.changed.isEmpty ? .quiet(told) : .changed($0.changed) }
    }

    /// Ends the wait of the reader, or its next one: it has something to do.
    public func nudge() {
        let waiter = state.withLock { state -> Waiter? in
            state.isNudged = state.waiter == nil
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.continuation.resume(returning: .changed([:]))
    }

    /// Waits until something has changed, the deadline passes, the store is closed, or the task is cancelled.
    public func wait(until deadline: ContinuousClock.Instant?) async throws -> Wake {
        let number = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        defer { state.withLock { _ = $0.cancelled.remove(number) } }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let waiter = Waiter(number: number, deadline: deadline, continuation: continuation)
                if let outcome = begin(waiter) {
                    continuation.resume(with: outcome)
                } else if let deadline {
                    hub.note(deadline)
                }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                state.cancelled.insert(number)
                guard state.waiter?.number == number else { return nil }
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    /// nil when there is something to wait for.
    private func begin(_ waiter: Waiter) -> Result<Wake, any Error>? {
        let told = hub.toldRevision
        return state.withLock { state in
            if let ended = state.ended { return .failure(ended) }
            if state.cancelled.contains(waiter.number) { return .failure(CancellationError()) }
            if let changed = state.take() { return .success(changed) }
            if state.isNudged {
                state.isNudged = false
                return .success(.changed([:]))
            }
            if let deadline = waiter.deadline, deadline <= .now { return .success(.quiet(told)) }
            state.waiter = waiter
            return nil
        }
    }

    // MARK: The hub's side

    func raise(_ number: UInt64, from first: Revision) {
        let (waiter, wake): (Waiter?, Wake?) = state.withLock { state in
            if state.changed[number] == nil { state.changed[number] = first }
            guard let waiter = state.waiter else { return (nil, nil) }
            state.waiter = nil
            return (waiter, state.take())
        }
        if let wake { waiter?.continuation.resume(returning: wake) }
    }

    /// On the writer's thread, between commits. The deadline that is left.
    func endPatience(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let (waiter, rest): (Waiter?, ContinuousClock.Instant?) = state.withLock { state in
            guard let deadline = state.waiter?.deadline else { return (nil, nil) }
            guard deadline <= now else { return (nil, deadline) }
            defer { state.waiter = nil }
            return (state.waiter, nil)
        }
        waiter?.continuation.resume(returning: .quiet(hub.toldRevision))
        return rest
    }

    func fail(_ error: any Error) {
        let waiter = state.withLock { state in
            state.ended = error
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.continuation.resume(throwing: error)
    }
}

extension WatchSubscription.State {
    fileprivate mutating func take() -> WatchSubscription.Wake? {
        guard !changed.isEmpty else { return nil }
        defer { changed = [:] }
        return .changed(changed)
    }
}
