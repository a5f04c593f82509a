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
        self.init()
        self.header = header
        succeeded = result.succeeded
        // Inside, headers say the revision alone.
        let inner = ResponseHeader.with { $0.revision = result.revision }
        responses = result.results.map { Etcdserverpb_ResponseOp($0, inner) }
    }
}

extension Etcdserverpb_ResponseOp {
    init(_ result: OperationResult, _ header: ResponseHeader) {
        self.init()
        switch result {
        case .range(let range): response = .responseRange(RangeResponse(range, header))
        case .put(let previous): response = .responsePut(PutResponse(previous: previous, header))
        case .delete(let count, let previous):
            response = .responseDeleteRange(DeleteRangeResponse(count: count, previous: previous, header))
        case .transaction(let nested): response = .responseTxn(TxnResponse(nested, header))
        }
    }
}
