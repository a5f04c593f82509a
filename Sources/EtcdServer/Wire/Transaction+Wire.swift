import EtcdAPI
import FoundationEssentials
import GRPCServer
import StoreCore

extension RangeQuery {
    init(_ request: RangeRequest) throws(RPCStatus) {
        guard !request.key.isEmpty else { throw EtcdError.emptyKey }
        self.init(KeyRange(key: request.key, rangeEnd: request.rangeEnd))
        guard let order = SortOrder(rawValue: request.sortOrder.rawValue),
            let target = SortTarget(rawValue: request.sortTarget.rawValue)
        else { throw EtcdError.invalidSortOption }
        sortOrder = order
        sortTarget = target
        limit = request.limit
        revision = request.revision
        keysOnly = request.keysOnly
        countOnly = request.countOnly
        minModRevision = request.minModRevision
        maxModRevision = request.maxModRevision
        minCreateRevision = request.minCreateRevision
        maxCreateRevision = request.maxCreateRevision
    }
}

extension Operation.Put {
    init(_ request: PutRequest) throws(RPCStatus) {
        guard !request.key.isEmpty else { throw EtcdError.emptyKey }
        if request.ignoreValue, !request.value.isEmpty { throw EtcdError.valueProvided }
        if request.ignoreLease, request.lease != 0 { throw EtcdError.leaseProvided }
        self.init(Bytes(request.key), Bytes(request.value), lease: request.lease)
        returnsPrevious = request.prevKv
        ignoresValue = request.ignoreValue
        ignoresLease = request.ignoreLease
    }
}

extension Operation.Delete {
    init(_ request: DeleteRangeRequest) throws(RPCStatus) {
        guard !request.key.isEmpty else { throw EtcdError.emptyKey }
        self.init(KeyRange(key: request.key, rangeEnd: request.rangeEnd))
        returnsPrevious = request.prevKv
    }
}

extension Compare {
    init(_ compare: Etcdserverpb_Compare) throws(RPCStatus) {
        guard !compare.key.isEmpty else { throw EtcdError.emptyKey }
        guard let relation = Relation(rawValue: compare.result.rawValue) else {
            throw EtcdError.unknownComparison
        }
        let target: Target
        switch compare.target {
        case .version: target = .version(compare.version)
        case .create: target = .createRevision(compare.createRevision)
        case .mod: target = .modRevision(compare.modRevision)
        case .value: target = .value(Bytes(compare.value))
        case .lease: target = .lease(compare.lease)
        case .UNRECOGNIZED:
            throw EtcdError.unknownComparison
        }
        self.init(KeyRange(key: compare.key, rangeEnd: compare.rangeEnd), relation, target)
    }
}

extension Transaction {
    /// `most`: how many operations, compares included, may still come; nested ones count on.
    init(_ request: TxnRequest, most: Int) throws(RPCStatus) {
        let count = max(request.compare.count, request.success.count, request.failure.count)
        guard count <= most else { throw EtcdError.tooManyOperations }
        self.init()
        for compare in request.compare { compares.append(try Compare(compare)) }
        for operation in request.success { success.append(try Operation(operation, most: most - count)) }
        for operation in request.failure { failure.append(try Operation(operation, most: most - count)) }
    }

    /// True when it may put something, in either branch.
    var mayPut: Bool {
        (success + failure).contains { operation in
            switch operation {
            case .put: true
            case .transaction(let nested): nested.mayPut
            case .range, .delete: false
            }
        }
    }

    /// Bytes of keys and values that it may write.
    var payload: Int {
        (success + failure).reduce(0) { sum, operation in
            switch operation {
            case .put(let put): sum + put.key.count + put.value.count
            case .transaction(let nested): sum + nested.payload
            case .range, .delete: sum
            }
        }
    }
}

extension Operation {
    init(_ operation: Etcdserverpb_RequestOp, most: Int) throws(RPCStatus) {
        switch operation.request {
        case .requestRange(let range): self = .range(try RangeQuery(range))
        case .requestPut(let put): self = .put(try Put(put))
        case .requestDeleteRange(let delete): self = .delete(try Delete(delete))
        case .requestTxn(let nested): self = .transaction(try Transaction(nested, most: most))
        // As etcd answers an operation that is none.
        case nil: throw EtcdError.keyNotFound
        }
    }
}
