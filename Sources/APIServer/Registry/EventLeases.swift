import StoreCore
import Synchronization

/// Leases for objects that live a fixed time. Objects of the same few minutes share one, as in upstream's lease manager:
/// the last of them lives its whole time.
final class EventLeases: Sendable {
    private struct Shared: Sendable {
        let lease: LeaseID
        /// Nanoseconds: until then it is given to new objects.
        let until: Int64
    }

    private static let reuseSeconds: Int64 = 300

    private let store: any Store
    private let clock: @Sendable () -> Int64
    private let shared = Mutex<[Int64: Shared]>([:])

    init(_ store: any Store, _ clock: @escaping @Sendable () -> Int64) {
        self.store = store
        self.clock = clock
    }

    func lease(seconds: Int64) async throws -> LeaseID {
        let now = clock()
        if let current = shared.withLock({ $0[seconds] }), current.until > now { return current.lease }
        let lease = try await store.grantLease(0, seconds: seconds + Self.reuseSeconds)
        shared.withLock { $0[seconds] = Shared(lease: lease.id, until: now + Self.reuseSeconds * 1_000_000_000) }
        return lease.id
    }
}
