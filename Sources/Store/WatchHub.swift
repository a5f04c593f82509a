import StoreCore
import Synchronization

/// Who wants to hear of changes of which keys. It holds no events: whoever is woken reads them where they are. A change
/// costs what is registered for its key, and each distinct range once.
final class WatchHub: Sendable {
    private struct Registration {
        let number: UInt64
        let subscription: WatchSubscription
    }

    fileprivate struct State {
        /// By what they are about: one key is found at once, and equal ranges are looked at once.
        var ofKey: [Bytes: [UInt64: WatchSubscription]] = [:]
        var ofRange: [KeyRange: [UInt64: WatchSubscription]] = [:]
        var count = 0
        /// Of all that wait; nil for none.
        var deadline: ContinuousClock.Instant?
        var ended: (any Error)?
    }

    private let state = Mutex(State())
    private let numbers = Atomic<UInt64>(0)
    private let told: Atomic<Revision>
    private let watchDeadlines: @Sendable () -> Void

    /// `watchDeadlines` is called when somebody waits with a deadline and nobody did before: `endPatience` must be called
    /// from time to time while `hasDeadlines`.
    init(latest: Revision, watchDeadlines: @escaping @Sendable () -> Void) {
        told = Atomic(latest)
        self.watchDeadlines = watchDeadlines
    }

    /// Everybody has heard of what they wanted to hear of, up to this revision.
    var toldRevision: Revision { told.load(ordering: .acquiring) }

    var count: Int { state.withLock { $0.count } }

    func add(_ range: KeyRange, _ subscription: WatchSubscription) -> UInt64 {
        let number = numbers.add(1, ordering: .relaxed).newValue
        let ended = state.withLock { state in
            state.count += 1
            if range.isSingle {
                state.ofKey[range.start, default: [:]][number] = subscription
            } else {
                state.ofRange[range, default: [:]][number] = subscription
            }
            return state.ended
        }
        if let ended { subscription.fail(ended) }
        return number
    }

    func remove(_ number: UInt64, _ range: KeyRange) {
        state.withLock { state in
            if range.isSingle {
                guard state.ofKey[range.start]?.removeValue(forKey: number) != nil else { return }
                if state.ofKey[range.start]?.isEmpty == true { state.ofKey[range.start] = nil }
            } else {
                guard state.ofRange[range]?.removeValue(forKey: number) != nil else { return }
                if state.ofRange[range]?.isEmpty == true { state.ofRange[range] = nil }
            }
            state.count -= 1
        }
    }

    /// After a commit, on the writer's thread. `latest`: the store's revision with it.
    func wake(_ revisions: [[StoreEvent]], latest: Revision) {
        if let first = revisions.first?.first?.revision {
            let keys = Set(revisions.lazy.joined().map(\.key))
            let woken = state.withLock { state in
                var woken: [Registration] = []
                for key in keys {
                    for (number, subscription) in state.ofKey[key] ?? [:] {
                        woken.append(Registration(number: number, subscription: subscription))
                    }
                }
                for (range, subscriptions) in state.ofRange where keys.contains(where: range.contains) {
                    for (number, subscription) in subscriptions {
                        woken.append(Registration(number: number, subscription: subscription))
                    }
                }
                return woken
            }
            for registration in woken { registration.subscription.raise(registration.number, from: first) }
        }
        told.store(latest, ordering: .releasing)
    }

    // MARK: Deadlines

    var hasDeadlines: Bool { state.withLock { $0.deadline != nil } }

    func note(_ deadline: ContinuousClock.Instant) {
        let isFirst = state.withLock { state in
            defer { state.deadline = min(deadline, state.deadline ?? deadline) }
            return state.deadline == nil
        }
        if isFirst { watchDeadlines() }
    }

    /// Wakes those whose time is over, on the writer's thread.
    func endPatience(now: ContinuousClock.Instant) {
        let all: [WatchSubscription] = state.withLock { state in
            guard let deadline = state.deadline, deadline <= now else { return [] }
            state.deadline = nil
            return state.subscriptions
        }
        guard !all.isEmpty else { return }
        let rest = all.compactMap { $0.endPatience(now: now) }.min()
        if let rest { state.withLock { $0.deadline = min(rest, $0.deadline ?? rest) } }
    }

    func endAll(_ error: any Error) {
        let all = state.withLock { state in
            state.ended = error
            return state.subscriptions
        }
        for subscription in all { subscription.fail(error) }
    }
}

extension WatchHub.State {
    /// One that is registered more than once is there more than once.
    fileprivate var subscriptions: [WatchSubscription] {
        ofKey.values.flatMap(\.values) + ofRange.values.flatMap(\.values)
    }
}
