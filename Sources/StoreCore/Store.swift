/// What API servers and etcd's clients need of a store; engines conform. Every result is of an acknowledged state, and a
/// change is acknowledged when it is safe. Errors are `StoreError`.
public protocol Store: Sendable {
    /// The latest acknowledged revision, and the oldest that can be read.
    var revisions: (latest: Revision, compacted: Revision) { get }

    func range(_ query: RangeQuery) async throws -> (result: RangeResult, revision: Revision)
    func apply(_ transaction: Transaction) async throws -> TransactionResult

    /// Revisions before `revision` can no longer be read or watched; returns when that is so, while space is given back
    /// in the background.
    func compact(_ revision: Revision) async throws

    /// Changes of the range's keys from revision `first` on, in their order, without gap or duplicate; 0 for those after
    /// now. Ends with an error when what comes next has been compacted.
    func watch(_ range: KeyRange, from first: Revision) async throws -> any StoreWatch

    /// `id` 0 chooses one.
    func grantLease(_ id: LeaseID, seconds: Int64) async throws -> Lease
    func keepLeaseAlive(_ id: LeaseID) async throws -> Lease
    func revokeLease(_ id: LeaseID) async throws -> Revision
    func lease(_ id: LeaseID) async throws -> Lease
    func leases() async throws -> [LeaseID]
}

/// One client's view of the changes. It holds no events for a slow client: those stay where they are for everybody, and
/// the client reads on when it is ready.
public protocol StoreWatch: Sendable {
    /// Waits for changes. Whole revisions, and the revision up to which the client has seen everything with them. Empty
    /// after `patience` without any: progress alone.
    func next(patience: Duration?) async throws -> WatchBatch
}

public struct WatchBatch: Sendable, Hashable {
    public let events: [StoreEvent]
    /// Nothing up to this revision is missing.
    public let revision: Revision

    public init(events: [StoreEvent], revision: Revision) {
        self.events = events
        self.revision = revision
    }
}
