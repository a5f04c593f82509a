import EtcdAPI
import FoundationEssentials
import StoreCore

extension KeyValue {
    init(_ wire: Mvccpb_KeyValue) {
        self.init(
            key: Bytes(wire.key), value: Bytes(wire.value), createRevision: wire.createRevision,
            modRevision: wire.modRevision, version: wire.version, lease: wire.lease)
    }
}

extension StoreEvent {
    init(_ wire: Mvccpb_Event) {
        self.init(
            wire.type == .delete ? .delete : .put, KeyValue(wire.kv),
            previous: wire.hasPrevKv ? KeyValue(wire.prevKv) : nil)
    }
}

extension KeyRange {
    /// On the wire the first key there is has one zero byte, and so has an end that is open.
    var wire: (key: Data, end: Data) {
        let key = start.isEmpty && end != nil ? Data([0]) : Data(start)
        guard let end else { return (key, Data()) }
        return (key, end.isEmpty ? Data([0]) : Data(end))
    }
}

extension Etcdserverpb_RangeRequest {
    init(_ query: RangeQuery) {
        self.init()
        (key, rangeEnd) = query.range.wire
        limit = query.limit
        revision = query.revision
        sortOrder = SortOrder(rawValue: query.sortOrder.rawValue) ?? .none
        sortTarget = SortTarget(rawValue: query.sortTarget.rawValue) ?? .key
        keysOnly = query.keysOnly
        countOnly = query.countOnly
        minModRevision = query.minModRevision
        maxModRevision = query.maxModRevision
        minCreateRevision = query.minCreateRevision
        maxCreateRevision = query.maxCreateRevision
    }
}

extension Etcdserverpb_TxnRequest {
    init(_ transaction: Transaction) {
        self.init()
        compare = transaction.compares.map(Etcdserverpb_Compare.init)
        success = transaction.success.map(Etcdserverpb_RequestOp.init)
        failure = transaction.failure.map(Etcdserverpb_RequestOp.init)
    }
}

extension Etcdserverpb_Compare {
    init(_ compare: Compare) {
        self.init()
        (key, rangeEnd) = compare.range.wire
        result = CompareResult(rawValue: compare.relation.rawValue) ?? .equal
        switch compare.target {
        case .version(let version): (target, targetUnion) = (.version, .version(version))
        case .createRevision(let revision): (target, targetUnion) = (.create, .createRevision(revision))
        case .modRevision(let revision): (target, targetUnion) = (.mod, .modRevision(revision))
        case .value(let value): (target, targetUnion) = (.value, .value(Data(value)))
        case .lease(let lease): (target, targetUnion) = (.lease, .lease(lease))
        }
    }
}

extension Etcdserverpb_RequestOp {
    init(_ operation: StoreCore.Operation) {
        self.init()
        switch operation {
        case .range(let query): request = .requestRange(.init(query))
        case .put(let put):
            request = .requestPut(
                .with {
                    $0.key = Data(put.key)
                    // What is kept must not be sent.
                    if !put.ignoresValue { $0.value = Data(put.value) }
                    if !put.ignoresLease { $0.lease = put.lease }
                    $0.prevKv = put.returnsPrevious
                    $0.ignoreValue = put.ignoresValue
                    $0.ignoreLease = put.ignoresLease
                })
        case .delete(let delete):
            request = .requestDeleteRange(
                .with {
                    ($0.key, $0.rangeEnd) = delete.range.wire
                    $0.prevKv = delete.returnsPrevious
                })
        case .transaction(let nested): request = .requestTxn(.init(nested))
        }
    }
}

extension RangeResult {
    init(_ wire: Etcdserverpb_RangeResponse) {
        self.init(keyValues: wire.kvs.map(KeyValue.init), more: wire.more, count: wire.count)
    }
}

extension TransactionResult {
    /// Nested results say the same revision.
    init(_ wire: Etcdserverpb_TxnResponse, revision: Revision) {
        self.init(
            succeeded: wire.succeeded,
            results: wire.responses.compactMap { OperationResult($0, revision: revision) }, revision: revision)
    }
}

extension OperationResult {
    init?(_ wire: Etcdserverpb_ResponseOp, revision: Revision) {
        switch wire.response {
        case .responseRange(let range): self = .range(RangeResult(range))
        case .responsePut(let put): self = .put(previous: put.hasPrevKv ? KeyValue(put.prevKv) : nil)
        case .responseDeleteRange(let delete):
            self = .delete(count: delete.deleted, previous: delete.prevKvs.map(KeyValue.init))
        case .responseTxn(let nested): self = .transaction(TransactionResult(nested, revision: revision))
        case nil: return nil
        }
    }
}
