import EtcdAPI
import GRPCServer
import Store
import StoreCore

/// Changes are handed to the store's writer from where the request was read, and answered from there: no task between.
struct KVService {
    let server: ServerState

    func register(_ methods: inout MethodTable) {
        let service = "etcdserverpb.KV"
        methods.direct(service, "Range", range)
        methods.direct(service, "Put", put)
        methods.direct(service, "DeleteRange", deleteRange)
        methods.direct(service, "Txn", txn)
        methods.task(service, "Compact", compact)
    }

    private func range(_ request: RangeRequest, _ answer: Answer<RangeResponse>) throws {
        let query = try RangeQuery(request)
        let identity = server.identity
        // What is quick in memory is read at once; the rest may be long, or need the disk.
        if let found = try server.store.rangeNow(query) {
            return answer.send { RangeResponse(found.result, identity.header(found.revision)) }
        }
        let store = server.store
        answer.sendLong {
            let (result, revision) = try await store.range(query)
            return RangeResponse(result, identity.header(revision))
        }
    }

    private func put(_ request: PutRequest, _ answer: Answer<PutResponse>) throws {
        let put = try Operation.Put(request)
        try server.admit(bytes: put.key.count + put.value.count)
        try server.alarms.requireSpace()
        apply(Transaction(success: [.put(put)]), answer) { result, header in
            guard case .put(let previous) = result.results.first else { return PutResponse(previous: nil, header) }
            return PutResponse(previous: previous, header)
        }
    }

    private func deleteRange(_ request: DeleteRangeRequest, _ answer: Answer<DeleteRangeResponse>) throws {
        apply(Transaction(success: [.delete(try Operation.Delete(request))]), answer) { result, header in
            guard case .delete(let count, let previous) = result.results.first else {
                return DeleteRangeResponse(count: 0, previous: [], header)
            }
            return DeleteRangeResponse(count: count, previous: previous, header)
        }
    }

    private func txn(_ request: TxnRequest, _ answer: Answer<TxnResponse>) throws {
        let transaction = try Transaction(request, most: server.limits.operations)
        try server.admit(bytes: transaction.payload)
        if transaction.mayPut { try server.alarms.requireSpace() }
        apply(transaction, answer) { TxnResponse($0, $1) }
    }

    private func apply<Response>(
        _ transaction: Transaction, _ answer: Answer<Response>,
        _ make: @escaping @Sendable (TransactionResult, ResponseHeader) -> Response
    ) {
        let identity = server.identity
        server.store.apply(transaction) { result in
            answer.send(result) { make($0, identity.header($0.revision)) }
        }
    }

    private func compact(_ request: Etcdserverpb_CompactionRequest) async throws -> Etcdserverpb_CompactionResponse {
        try await server.store.compact(request.revision)
        if request.physical { try await server.store.waitForCompaction() }
        return .with { $0.header = server.header }
    }
}
