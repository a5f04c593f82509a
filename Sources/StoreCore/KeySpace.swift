/// The store's whole state in memory and the rules by which it changes: a value, so that what is being written and what
/// has been acknowledged can differ until the disk has it.
public struct KeySpace: Sendable {
    public private(set) var revision: Revision
    /// The oldest revision that can be read.
    public private(set) var compactedRevision: Revision
    private var live: KeyMap
    public private(set) var leases: LeaseTable

    public static let mostOperations = 1024
    /// Keys that one revision may change, and that a lease may hold, which go with it at one revision.
    public static let mostChanges = 1 << 20
    private let mostChanges: Int

    /// `live` in key order, as read back from disk.
    public init(
        revision: Revision = 1, compactedRevision: Revision = 0, live: some Sequence<KeyValue> = [],
        leases: LeaseTable = LeaseTable(), mostChanges: Int = Self.mostChanges
    ) {
        self.mostChanges = mostChanges
        self.revision = revision
        self.compactedRevision = compactedRevision
        self.live = KeyMap(sorted: live)
        self.leases = leases
        for keyValue in self.live.elements(in: .all) where keyValue.lease != 0 {
            self.leases.attach(keyValue.key, to: keyValue.lease)
        }
    }

    /// What older revisions held: events after the revision, newest first, for keys of the range.
    public typealias Past = (KeyRange, Revision) throws -> [StoreEvent]

    public var count: Int { live.count }

    // MARK: Reading

    public func range(_ query: RangeQuery, _ past: Past) throws -> RangeResult {
        try check(query)
        return try range(query, [], past)
    }

    /// `pending`: what a transaction has done so far, which no revision has yet.
    private func range(_ query: RangeQuery, _ pending: [StoreEvent], _ past: Past) throws -> RangeResult {
        guard query.revision > 0, query.revision < revision || !pending.isEmpty else { return latest(query) }
        var then = KeyMap(sorted: live.elements(in: query.range))
        let undone = pending.reversed().filter { query.range.contains($0.key) }
        for event in undone + (query.revision < revision ? try past(query.range, query.revision) : []) {
            if let previous = event.previous { then.set(previous) } else { then.remove(event.key) }
        }
        return RangeResult(then.elements(in: query.range), query)
    }

    /// Stops at the limit where the order allows.
    private func latest(_ query: RangeQuery) -> RangeResult {
        if query.countOnly { return RangeResult(count: Int64(live.count(in: query.range))) }
        guard query.limit > 0, query.isInKeyOrder, !query.hasBounds else {
            return RangeResult(live.elements(in: query.range), query)
        }
        var found: [KeyValue] = []
        live.forEach(in: query.range) {
            found.append(query.keysOnly ? $0.withoutValue : $0)
            return found.count < query.limit
        }
        let count = live.count(in: query.range)
        return RangeResult(keyValues: found, more: count > found.count, count: Int64(count))
    }

    private func check(_ query: RangeQuery) throws(StoreError) {
        if query.revision > revision { throw .futureRevision(revision) }
        if query.revision > 0, query.revision < compactedRevision { throw .compacted(compactedRevision) }
    }

    // MARK: Writing

    /// What a change did.
    public struct Applied: Sendable {
        public let result: TransactionResult
        /// All of one revision, in their order; empty when nothing changed.
        public let events: [StoreEvent]
    }

    public mutating func apply(_ transaction: Transaction, _ past: Past) throws -> Applied {
        guard transaction.operationCount <= Self.mostOperations else {
            throw StoreError.tooManyOperations(limit: Self.mostOperations)
        }
        // All that can be refused is found before anything changes.
        for branch in [transaction.success, transaction.failure] { _ = try WrittenKeys(branch) }
        var choices: [Bool] = []
        var changes = 0
        try check(transaction, &choices, &changes)
        var change = Change(revision: revision + 1)
        var remaining = choices[...]
        let result = try run(transaction, &remaining, &change, past)
        if !change.events.isEmpty { revision += 1 }
        return Applied(result: result.at(revision), events: change.events)
    }

    private struct Change {
        let revision: Revision
        var events: [StoreEvent] = []
    }

    /// Evaluates the compares of the transaction and of those nested in the branch that is taken, and checks that branch.
    /// `changes`: how many keys it may change at most.
    private func check(_ transaction: Transaction, _ choices: inout [Bool], _ changes: inout Int) throws {
        for compare in transaction.compares where compare.range.start.isEmpty && compare.range.isSingle {
            throw StoreError.emptyKey
        }
        let holds = transaction.compares.allSatisfy { $0.holds(for: live.elements(in: $0.range)) }
        choices.append(holds)
        for operation in holds ? transaction.success : transaction.failure {
            switch operation {
            case .range(let query): try check(query)
            case .put(let put):
                try check(put)
                changes += 1
            case .delete(let delete):
                if delete.range.isSingle, delete.range.start.isEmpty { throw StoreError.emptyKey }
                changes += live.count(in: delete.range)
            case .transaction(let nested): try check(nested, &choices, &changes)
            }
        }
        guard changes <= mostChanges else { throw StoreError.tooManyChanges(limit: mostChanges) }
    }

    private func check(_ put: Operation.Put) throws(StoreError) {
        if put.key.isEmpty { throw .emptyKey }
        if put.lease != 0 {
            guard let lease = leases[put.lease] else { throw .leaseNotFound }
            guard lease.keys.count < mostChanges else { throw .tooManyChanges(limit: mostChanges) }
        }
        if put.ignoresValue || put.ignoresLease, live[put.key] == nil { throw .keyNotFound }
    }

    private mutating func run(
        _ transaction: Transaction, _ choices: inout ArraySlice<Bool>, _ change: inout Change, _ past: Past
    ) throws -> TransactionResult {
        let holds = choices.popFirst() ?? false
        var results: [OperationResult] = []
        for operation in holds ? transaction.success : transaction.failure {
            switch operation {
            case .range(let query): results.append(.range(try range(query, change.events, past)))
            case .put(let put): results.append(self.put(put, &change))
            case .delete(let delete): results.append(self.delete(delete, &change))
            case .transaction(let nested):
                results.append(.transaction(try run(nested, &choices, &change, past)))
            }
        }
        return TransactionResult(succeeded: holds, results: results, revision: revision)
    }

    private mutating func put(_ put: Operation.Put, _ change: inout Change) -> OperationResult {
        let old = live[put.key]
        let new = KeyValue(
            key: old?.key ?? put.key, value: put.ignoresValue ? old?.value ?? [] : put.value,
            createRevision: old?.createRevision ?? change.revision, modRevision: change.revision,
            version: (old?.version ?? 0) + 1, lease: put.ignoresLease ? old?.lease ?? 0 : put.lease)
        live.set(new)
        if old?.lease != new.lease {
            if let lease = old?.lease, lease != 0 { leases.detach(put.key, from: lease) }
            if new.lease != 0 { leases.attach(new.key, to: new.lease) }
        }
        change.events.append(StoreEvent(.put, new, previous: old))
        return .put(previous: put.returnsPrevious ? old : nil)
    }

    private mutating func delete(_ delete: Operation.Delete, _ change: inout Change) -> OperationResult {
        let gone = live.elements(in: delete.range)
        for old in gone {
            live.remove(old.key)
            if old.lease != 0 { leases.detach(old.key, from: old.lease) }
            let grave = KeyValue(key: old.key, modRevision: change.revision)
            change.events.append(StoreEvent(.delete, grave, previous: old))
        }
        return .delete(count: Int64(gone.count), previous: delete.returnsPrevious ? gone : [])
    }

    // MARK: Compaction

    /// Revisions before `revision` can no longer be read or watched.
    public mutating func compact(_ revision: Revision) throws(StoreError) {
        if revision <= compactedRevision { throw .compacted(compactedRevision) }
        if revision > self.revision { throw .futureRevision(self.revision) }
        compactedRevision = revision
    }

    // MARK: Leases

    /// `now` and deadlines in milliseconds of wall-clock time. `id` 0 takes `fresh`. Returns the lease.
    public mutating func grant(_ id: LeaseID, fresh: LeaseID, seconds: Int64, now: Int64) throws(StoreError) -> Lease {
        try leases.grant(id == 0 ? fresh : id, seconds: seconds, now: now)
    }

    public mutating func keepAlive(_ id: LeaseID, now: Int64) throws(StoreError) -> Lease {
        try leases.keepAlive(id, now: now)
    }

    public mutating func expiredLeases(now: Int64) -> [LeaseID] { leases.expired(now: now) }

    /// Every lease keeps the time it has left when the clock was set. Returns all of them.
    public mutating func shiftLeases(milliseconds: Int64) -> [Lease] {
        leases.shift(milliseconds: milliseconds)
        return leases.ids.compactMap { leases[$0] }
    }

    /// The lease goes, and its keys with it.
    public mutating func revoke(_ id: LeaseID) throws -> Applied {
        guard let lease = leases[id] else { throw StoreError.leaseNotFound }
        var change = Change(revision: revision + 1)
        for key in lease.keys.sorted(by: { $0.precedes($1) }) {
            _ = delete(Operation.Delete(KeyRange(key: key)), &change)
        }
        leases.remove(id)
        if !change.events.isEmpty { revision += 1 }
        return Applied(
            result: TransactionResult(succeeded: true, results: [], revision: revision), events: change.events)
    }
}

extension TransactionResult {
    /// Nested results say the same revision.
    func at(_ revision: Revision) -> TransactionResult {
        var copy = self
        copy.revision = revision
        copy.results = results.map { result in
            guard case .transaction(let nested) = result else { return result }
            return .transaction(nested.at(revision))
        }
        return copy
    }
}

extension Transaction {
    /// The larger branch, as etcd counts.
    var operationCount: Int { max(compares.count, success.count, failure.count) }
}

/// Keys that a branch changes, those of nested transactions included; making it throws when a put would meet another
/// change of its key. By etcd's rule: both branches of a nested transaction count, since either may be taken, and they may
/// put the same key; a put may not come behind a nested deletion of its key, but before one it may.
struct WrittenKeys {
    private(set) var puts: Set<Bytes> = []
    private var deletes: [KeyRange] = []

    init(_ branch: [Operation]) throws(StoreError) {
        for case .delete(let delete) in branch { deletes.append(delete.range) }
        for case .transaction(let nested) in branch {
            let success = try WrittenKeys(nested.success)
            let failure = try WrittenKeys(nested.failure)
            for key in success.puts { try put(key) }
            for key in failure.puts where !success.puts.contains(key) { try put(key) }
            deletes += success.deletes + failure.deletes
        }
        for case .put(let put) in branch { try self.put(put.key) }
    }

    private mutating func put(_ key: Bytes) throws(StoreError) {
        guard puts.insert(key).inserted, !deletes.contains(where: { $0.contains(key) }) else { throw .duplicateKey }
    }
}
