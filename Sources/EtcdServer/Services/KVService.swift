import EtcdAPI
import GRPCCore
import Store
import StoreCore

struct KVService: Etcdserverpb_KV.SimpleServiceProtocol {
    let server: ServerState

    func range(request: RangeRequest, context: ServerContext) async throws -> RangeResponse {
        let (result, revision) = try await server.store.range(try RangeQuery(request))
        return RangeResponse(result, server.identity.header(revision))
    }

    func put(request: PutRequest, context: ServerContext) async throws -> PutResponse {
        let put = try Operation.Put(request)
        try server.admit(bytes: put.key.count + put.value.count)
        try server.alarms.requireSpace()
        let result = try await server.store.apply(Transaction(success: [.put(put)]))
        let header = server.identity.header(result.revision)
        guard case .put(let previous) = result.results.first else { return PutResponse(previous: nil, header) }
        return PutResponse(previous: previous, header)
    }

    func deleteRange(
        request: DeleteRangeRequest, context: ServerContext
    ) async throws -> DeleteRangeResponse {
        let result = try await server.store.apply(Transaction(success: [.delete(try Operation.Delete(request))]))
        let header = server.identity.header(result.revision)
        guard case .delete(let count, let previous) = result.results.first else {
            return DeleteRangeResponse(count: 0, previous: [], header)
        }
        return DeleteRangeResponse(count: count, previous: previous, header)
    }

    func txn(request: TxnRequest, context: ServerContext) async throws -> TxnResponse {
        let transaction = try Transaction(request, most: server.limits.operations)
        try server.admit(bytes: transaction.payload)
        if transaction.mayPut { try server.alarms.requireSpace() }
        let result = try await server.store.apply(transaction)
        return TxnResponse(result, server.identity.header(result.revision))
    }

    func compact(
        request: Etcdserverpb_CompactionRequest, context: ServerContext
    ) async throws -> Etcdserverpb_CompactionResponse {
        try await server.store.compact(request.revision)
        if request.physical { try await server.store.waitForCompaction() }
        return .with { $0.header = server.header }
    }
}
