import StoreCore
import Synchronization

/// Who waits for changes of which keys. It holds no events: whoever is woken reads them where they are.
final class WatchHub: Sendable {
    fileprivate struct Waiter {
        let range: KeyRange
        let deadline: ContinuousClock.Instant?
        let continuation: CheckedContinuation<Void, any Error>
    }

    fileprivate struct State {
        var waiters: [UInt64: Waiter] = [:]
        /// By what they wait for: one key is found at once, and equal ranges are looked at once.
        var ofKey: [Bytes: Set<UInt64>] = [:]
        var ofRange: [KeyRange: Set<UInt64>] = [:]
        var cancelled: Set<UInt64> = []
        var deadlines = 0
        var ended: (any Error)?
    }

    private let state = Mutex(State())
    private let numbers = Atomic<UInt64>(0)
    private let watchDeadlines: @Sendable () -> Void

    /// `watchDeadlines` is called when somebody waits with a deadline and nobody did before: `endPatience` must be called
    /// from time to time while `hasDeadlines`.
    init(watchDeadlines: @escaping @Sendable () -> Void) { self.watchDeadlines = watchDeadlines }

    /// Waits until a key of the range changes, the deadline passes, or the task is cancelled. `isStale` is asked under
    /// the lock that `wake` takes: nothing that was committed in between is slept through.
    func wait(
        _ range: KeyRange, until deadline: ContinuousClock.Instant?, unless isStale: @Sendable () -> Bool
    ) async throws {
        let number = numbers.add(1, ordering: .relaxed).newValue
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                var isFirst = false
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if let ended = state.ended { return .failure(ended) }
                    if state.cancelled.remove(number) != nil { return .failure(CancellationError()) }
                    if isStale() { return .success(()) }
                    isFirst = deadline != nil && state.deadlines == 0
                    state.add(number, Waiter(range: range, deadline: deadline, continuation: continuation))
                    return nil
                }
                if let outcome { return continuation.resume(with: outcome) }
                if isFirst { watchDeadlines() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let waiter = state.remove(number)
                if waiter == nil { state.cancelled.insert(number) }
                return waiter
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
        _ = state.withLock { $0.cancelled.remove(number) }
    }

    /// After a commit.
    func wake(_ revisions: [[StoreEvent]]) {
        let woken = state.withLock { state in
            var numbers: Set<UInt64> = []
            for event in revisions.joined() {
                if let waiting = state.ofKey[event.key] { numbers.formUnion(waiting) }
                for (range, waiting) in state.ofRange where range.contains(event.key) { numbers.formUnion(waiting) }
            }
            return numbers.compactMap { state.remove($0) }
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    var count: Int { state.withLock { $0.waiters.count } }

    var hasDeadlines: Bool { state.withLock { $0.deadlines > 0 } }

    /// Wakes those whose time is over.
    func endPatience(now: ContinuousClock.Instant) {
        let woken = state.withLock { state in
            guard state.deadlines > 0 else { return [Waiter]() }
            let over = state.waiters.filter { $0.value.deadline.map { $0 <= now } ?? false }.map(\.key)
            return over.compactMap { state.remove($0) }
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    func endAll(_ error: any Error) {
        let all = state.withLock { state in
            state.ended = error
            return state.waiters.keys.compactMap { state.remove($0) }
        }
        for waiter in all { waiter.continuation.resume(throwing: error) }
    }
}

extension WatchHub.State {
    fileprivate mutating func add(_ number: UInt64, _ waiter: WatchHub.Waiter) {
        waiters[number] = waiter
        if waiter.deadline != nil { deadlines += 1 }
        if waiter.range.isSingle {
            ofKey[waiter.range.start, default: []].insert(number)
        } else {
            ofRange[waiter.range, default: []].insert(number)
        }
    }

    fileprivate mutating func remove(_ number: UInt64) -> WatchHub.Waiter? {
        guard let waiter = waiters.removeValue(forKey: number) else { return nil }
        if waiter.deadline != nil { deadlines -= 1 }
        if waiter.range.isSingle {
            ofKey[waiter.range.start]?.remove(number)
            if ofKey[waiter.range.start]?.isEmpty == true { ofKey[waiter.range.start] = nil }
        } else {
            ofRange[waiter.range]?.remove(number)
            if ofRange[waiter.range]?.isEmpty == true { ofRange[waiter.range] = nil }
        }
        return waiter
    }
}
