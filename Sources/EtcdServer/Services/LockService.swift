import EtcdAPI
import FoundationEssentials
import GRPCCore
import StoreCore

struct LockService: V3lockpb_Lock.SimpleServiceProtocol {
    let server: ServerState

    func lock(request: V3lockpb_LockRequest, context: ServerContext) async throws -> V3lockpb_LockResponse {
        let turn = Turn(server.store, name: request.name)
        return try await whileCalled(context) {
            let place = try await turn.enter(lease: request.lease, value: [])
            try await turn.wait(for: place)
            guard try await turn.holds(place) else { throw EtcdError.sessionExpired }
            return .with {
                $0.header = server.header
                $0.key = Data(place.key)
            }
        }
    }

    func unlock(request: V3lockpb_UnlockRequest, context: ServerContext) async throws -> V3lockpb_UnlockResponse {
        let range = KeyRange(key: Bytes(request.key))
        let result = try await server.store.apply(Transaction(success: [.delete(.init(range))]))
        return .with { $0.header = server.identity.header(result.revision) }
    }
}
