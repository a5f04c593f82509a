import Synchronization

/// Cancels work that waits longer than a deadline that moves. Idle until then: one sleeping task, no ticks.
final class Watchdog: Sendable {
    struct Expired: Error {}

    private enum State {
        case waiting(until: ContinuousClock.Instant)
        /// The work does not wait for the peer but is busy itself.
        case suspended
        case expired
    }

    private let state: Mutex<State>
    /// How often a suspended watchdog looks whether it is needed again.
    private static let recheck = Duration.seconds(30)

    init(_ timeout: Duration) { state = Mutex(.waiting(until: .now + timeout)) }

    /// The work waits again, no longer than this.
    func allow(_ timeout: Duration) {
        state.withLock { state in
            if case .expired = state { return }
            state = .waiting(until: .now + timeout)
        }
    }

    /// No deadline until the next `allow`, so that the consumer of what was received is never cancelled half-way.
    func suspend() throws(Expired) {
        try state.withLock { state throws(Expired) in
            if case .expired = state { throw Expired() }
            state = .suspended
        }
    }

    /// Runs `body`; throws `Expired` when the deadline passed first.
    func guarding<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await self.expiry()
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else { throw Expired() }
            return value
        }
    }

    private func expiry() async throws {
        while let wake = nextLook() { try await Task.sleep(until: wake, clock: .continuous) }
    }

    /// nil once the deadline has passed.
    private func nextLook() -> ContinuousClock.Instant? {
        state.withLock { state in
            switch state {
            case .suspended: return .now + Self.recheck
            case .expired: return nil
            case .waiting(let deadline):
                if deadline > .now { return deadline }
                state = .expired
                return nil
            }
        }
    }
}
