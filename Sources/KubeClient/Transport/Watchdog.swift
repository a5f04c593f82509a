import Synchronization

/// Cancels work that has not finished when a moving deadline passes. Idle until then: one sleeping task, no ticks.
final class Watchdog: Sendable {
    struct Expired: Error {}

    private let deadline: Mutex<ContinuousClock.Instant>

    init(_ timeout: Duration) { deadline = Mutex(.now + timeout) }

    func allow(_ timeout: Duration) { deadline.withLock { $0 = .now + timeout } }

    /// No deadline until the next `allow`; for the time the caller's own consumer takes.
    func suspend() { deadline.withLock { $0 = .now + .seconds(86_400) } }

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
        while true {
            let deadline = deadline.withLock { $0 }
            guard deadline > .now else { return }
            try await Task.sleep(until: deadline, clock: .continuous)
        }
    }
}
