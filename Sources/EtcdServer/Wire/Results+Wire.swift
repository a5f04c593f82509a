import EtcdAPI
import StoreCore

extension RangeResponse {
    init(_ result: RangeResult, _ header: ResponseHeader) {
        self.init()
        self.header = header
        kvs = result.keyValues.map(Mvccpb_KeyValue.init)
        more = result.more
        count = result.count
    }
}

extension PutResponse {
    init(previous: KeyValue?, _ header: ResponseHeader) {
        self.init()
        self.header = header
        if let previous { prevKv = Mvccpb_KeyValue(previous) }
    }
}

extension DeleteRangeResponse {
    init(count: Int64, previous: [KeyValue], _ header: ResponseHeader) {
        self.init()
        self.header = header
        deleted = count
        prevKvs = previous.map(Mvccpb_KeyValue.init)
    }
}

extension TxnResponse {
    init(_ result: TransactionResult, _ header: ResponseHeader) {
        var inner = ResponseHeader.with { $0.revision = result.changes ? result.revision - 1 : result.revision }
        self.init(result, header, &inner)
    }

    /// `inner`: what headers inside say, the revision alone: the one before until something has changed.
    fileprivate init(_ result: TransactionResult, _ header: ResponseHeader, _ inner: inout ResponseHeader) {
        self.init()
        self.header = header
        succeeded = result.succeeded
        for operation in result.results {
            if operation.changes { inner.revision = result.revision }
            responses.append(Etcdserverpb_ResponseOp(operation, &inner))
        }
    }
}

extension Etcdserverpb_ResponseOp {
    fileprivate init(_ result: OperationResult, _ header: inout ResponseHeader) {
        self.init()
        switch result {
        case .range(let range): response = .responseRange(RangeResponse(range, header))
        case .put(let previous): response = .responsePut(PutResponse(previous: previous, header))
        case .delete(let count, let previous):
            response = .responseDeleteRange(DeleteRangeResponse(count: count, previous: previous, header))
        // As etcd's, its own header says nothing.
        case .transaction(let nested): response = .responseTxn(TxnResponse(nested, ResponseHeader(), &header))
        }
    }
}

extension TransactionResult {
    /// True when anything was changed, in nested transactions too.
    fileprivate var changes: Bool {
        results.contains { result in
            if case .transaction(let nested) = result { nested.changes } else { result.changes }
        }
    }
}

extension OperationResult {
    fileprivate var changes: Bool {
        switch self {
        case .put: true
        case .delete(let count, _): count > 0
        case .range, .transaction: false
        }
    }
}
