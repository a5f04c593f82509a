/// The store as its definition says, without any thought of speed: it keeps every event ever and reads by replaying
/// them. Tests hold the real one against it.
public struct ModelStore: Sendable {
    private var history: [[StoreEvent]] = []
    public private(set) var compactedRevision: Revision = 0
    public private(set) var leases: Set<LeaseID> = []

    public init() {}

    public var revision: Revision { Revision(history.count) + 1 }

    /// Every key at a revision, in key order.
    public func state(at revision: Revision) -> [KeyValue] {
        var state: [Bytes: KeyValue] = [:]
        for event in history.prefix(Int(revision) - 1).joined() {
            state[event.key] = event.kind == .put ? event.keyValue : nil
        }
        return state.values.sorted { $0.key.precedes($1.key) }
    }

    /// Events of revisions from `first` on for keys of the range.
    public func events(_ range: KeyRange, from first: Revision) throws(StoreError) -> [StoreEvent] {
        if first < compactedRevision { throw .compacted(compactedRevision) }
        return history.joined().filter { $0.revision >= first && range.contains($0.key) }
    }

    public func range(_ query: RangeQuery) throws(StoreError) -> RangeResult {
        if query.revision > revision { throw .futureRevision(revision) }
        if query.revision > 0, query.revision < compactedRevision { throw .compacted(compactedRevision) }
        let all = state(at: query.revision > 0 ? query.revision : revision)
        return RangeResult(all.filter { query.range.contains($0.key) }, query)
    }

    /// The same result as a list of operations, one after the other, each on a copy; thrown errors change nothing.
    public mutating func apply(_ transaction: Transaction) throws(StoreError) -> TransactionResult {
        for branch in [transaction.success, transaction.failure] { _ = try WrittenKeys(branch) }
        var copy = self
        copy.history.append([])
        let (holds, results) = try copy.run(transaction, before: self)
        if copy.history.last?.isEmpty == true { copy.history.removeLast() }
        self = copy
        return TransactionResult(succeeded: holds, results: results, revision: revision).at(revision)
    }

    private mutating func run(
        _ transaction: Transaction, before: ModelStore
    ) throws(StoreError) -> (Bool, [OperationResult]) {
        let state = before.state(at: before.revision)
        let holds = transaction.compares.allSatisfy { compare in
            compare.holds(for: state.filter { compare.range.contains($0.key) })
        }
        var results: [OperationResult] = []
        for operation in holds ? transaction.success : transaction.failure {
            results.append(try run(operation, before: before))
        }
        return (holds, results)
    }

    private mutating func run(_ operation: Operation, before: ModelStore) throws(StoreError) -> OperationResult {
        // The revision being written is the history's last entry, which `revision` counts already.
        let now = state(at: revision)
        switch operation {
        case .range(let query):
            if query.revision > 0 { return .range(try before.range(query)) }
            return .range(RangeResult(now.filter { query.range.contains($0.key) }, query))
        case .put(let put):
            if put.key.isEmpty { throw .emptyKey }
            if put.lease != 0, !leases.contains(put.lease) { throw .leaseNotFound }
            let old = now.first { $0.key == put.key }
            if put.ignoresValue || put.ignoresLease, old == nil { throw .keyNotFound }
            let new = KeyValue(
                key: put.key, value: put.ignoresValue ? old?.value ?? [] : put.value,
                createRevision: old?.createRevision ?? revision, modRevision: revision,
                version: (old?.version ?? 0) + 1, lease: put.ignoresLease ? old?.lease ?? 0 : put.lease)
            history[history.count - 1].append(StoreEvent(.put, new, previous: old))
            return .put(previous: put.returnsPrevious ? old : nil)
        case .delete(let delete):
            let gone = now.filter { delete.range.contains($0.key) }
            for old in gone {
                let grave = KeyValue(key: old.key, modRevision: revision)
                history[history.count - 1].append(StoreEvent(.delete, grave, previous: old))
            }
            return .delete(count: Int64(gone.count), previous: delete.returnsPrevious ? gone : [])
        case .transaction(let nested):
            let (holds, results) = try run(nested, before: before)
            return .transaction(TransactionResult(succeeded: holds, results: results, revision: revision))
        }
    }

    public mutating func compact(_ revision: Revision) throws(StoreError) {
        if revision <= compactedRevision { throw .compacted(compactedRevision) }
        if revision > self.revision { throw .futureRevision(self.revision) }
        compactedRevision = revision
    }

    public mutating func grant(_ id: LeaseID) { leases.insert(id) }

    /// Deletes the lease's keys at one revision.
    public mutating func revoke(_ id: LeaseID) throws(StoreError) {
        guard leases.remove(id) != nil else { throw .leaseNotFound }
        let keys = state(at: revision).filter { $0.lease == id }.map(\.key)
        _ = try apply(Transaction(success: keys.map { .delete(.init(KeyRange(key: $0))) }))
    }
}
