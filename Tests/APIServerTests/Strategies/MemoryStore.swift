import StoreCore
import Synchronization

/// The store's model behind the store's protocol, for what only reads and writes keys.
final class MemoryStore: Store {
    private let model = Mutex(ModelStore())

    var revisions: (latest: Revision, compacted: Revision) {
        model.withLock { ($0.revision, $0.compactedRevision) }
    }

    func range(_ query: RangeQuery) async throws -> (result: RangeResult, revision: Revision) {
        try model.withLock { (try $0.range(query), $0.revision) }
    }

    func apply(_ transaction: Transaction) async throws -> TransactionResult {
        try model.withLock { try $0.apply(transaction) }
    }

    private static let missing = StoreError.unavailable("the model has no watches and leases")

    func compact(_ revision: Revision) async throws { throw Self.missing }
    func watch(_ range: KeyRange, from first: Revision) async throws -> any StoreWatch { throw Self.missing }
    func grantLease(_ id: LeaseID, seconds: Int64) async throws -> Lease { throw Self.missing }
    func keepLeaseAlive(_ id: LeaseID) async throws -> Lease { throw Self.missing }
    func revokeLease(_ id: LeaseID) async throws -> Revision { throw Self.missing }
    func lease(_ id: LeaseID) async throws -> Lease { throw Self.missing }
    func leases() async throws -> [LeaseID] { throw Self.missing }
}
