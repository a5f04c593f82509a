import StoreCore

/// A store whose keys below `inner` lie below `outer` in the store beneath: kube-apiserver's `--etcd-prefix`. Other keys stay
/// as they are.
public struct PrefixedStore: Store {
    private let base: any Store
    private let translation: KeyTranslation

    /// Prefixes without a slash at the end, such as `/registry`.
    public init(_ base: any Store, keys inner: String, at outer: String) {
        self.base = base
        translation = KeyTranslation(inner: Bytes(inner.utf8), outer: Bytes(outer.utf8))
    }

    public var revisions: (latest: Revision, compacted: Revision) { base.revisions }

    public func range(_ query: RangeQuery) async throws -> (result: RangeResult, revision: Revision) {
        let found = try await base.range(translation.out(query))
        return (translation.back(found.result), found.revision)
    }

    public func apply(_ transaction: Transaction) async throws -> TransactionResult {
        translation.back(try await base.apply(translation.out(transaction)))
    }

    public func compact(_ revision: Revision) async throws { try await base.compact(revision) }

    public func watch(_ range: KeyRange, from first: Revision) async throws -> any StoreWatch {
        PrefixedWatch(base: try await base.watch(translation.out(range), from: first), translation: translation)
    }

    public func grantLease(_ id: LeaseID, seconds: Int64) async throws -> Lease {
        try await base.grantLease(id, seconds: seconds)
    }

    public func keepLeaseAlive(_ id: LeaseID) async throws -> Lease {
        translation.back(try await base.keepLeaseAlive(id))
    }

    public func revokeLease(_ id: LeaseID) async throws -> Revision { try await base.revokeLease(id) }
    public func lease(_ id: LeaseID) async throws -> Lease { translation.back(try await base.lease(id)) }
    public func leases() async throws -> [LeaseID] { try await base.leases() }
}

private struct PrefixedWatch: StoreWatch {
    let base: any StoreWatch
    let translation: KeyTranslation

    func next(patience: Duration?) async throws -> WatchBatch {
        let batch = try await base.next(patience: patience)
        return WatchBatch(events: batch.events.map(translation.back), revision: batch.revision)
    }
}

/// Keys on their way to the store beneath and back.
struct KeyTranslation: Sendable, Hashable {
    let inner: Bytes
    let outer: Bytes

    private static func replace(_ prefix: Bytes, by other: Bytes, in key: Bytes) -> Bytes {
        key.starts(with: prefix) ? other + key.dropFirst(prefix.count) : key
    }

    private func out(_ key: Bytes) -> Bytes { Self.replace(inner, by: outer, in: key) }
    private func back(_ key: Bytes) -> Bytes { Self.replace(outer, by: inner, in: key) }

    // MARK: Out

    func out(_ range: KeyRange) -> KeyRange {
        guard let end = range.end else { return KeyRange(key: out(range.start)) }
        return KeyRange(out(range.start), out(end))
    }

    func out(_ query: RangeQuery) -> RangeQuery {
        var query = query
        query.range = out(query.range)
        return query
    }

    func out(_ transaction: Transaction) -> Transaction {
        var transaction = transaction
        for index in transaction.compares.indices {
            transaction.compares[index].range = out(transaction.compares[index].range)
        }
        transaction.success = transaction.success.map(out)
        transaction.failure = transaction.failure.map(out)
        return transaction
    }

    private func out(_ operation: StoreCore.Operation) -> StoreCore.Operation {
        switch operation {
        case .range(let query): return .range(out(query))
        case .put(var put):
            put.key = out(put.key)
            return .put(put)
        case .delete(var delete):
            delete.range = out(delete.range)
            return .delete(delete)
        case .transaction(let nested): return .transaction(out(nested))
        }
    }

    // MARK: Back

    func back(_ keyValue: KeyValue) -> KeyValue {
        var keyValue = keyValue
        keyValue.key = back(keyValue.key)
        return keyValue
    }

    func back(_ event: StoreEvent) -> StoreEvent {
        StoreEvent(event.kind, back(event.keyValue), previous: event.previous.map(back))
    }

    func back(_ result: RangeResult) -> RangeResult {
        var result = result
        result.keyValues = result.keyValues.map(back)
        return result
    }

    func back(_ lease: Lease) -> Lease {
        var lease = lease
        lease.keys = Set(lease.keys.map { back($0) })
        return lease
    }

    func back(_ result: TransactionResult) -> TransactionResult {
        var result = result
        result.results = result.results.map(back)
        return result
    }

    private func back(_ result: OperationResult) -> OperationResult {
        switch result {
        case .range(let range): .range(back(range))
        case .put(let previous): .put(previous: previous.map(back))
        case .delete(let count, let previous): .delete(count: count, previous: previous.map(back))
        case .transaction(let nested): .transaction(back(nested))
        }
    }
}
