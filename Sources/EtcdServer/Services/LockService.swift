import EtcdAPI
import FoundationEssentials
import GRPCServer
import StoreCore

struct LockService {
    let server: ServerState

    func register(_ methods: inout MethodTable) {
        let service = "v3lockpb.Lock"
        methods.task(service, "Lock", lock)
        methods.task(service, "Unlock", unlock)
    }

    private func lock(_ request: V3lockpb_LockRequest) async throws -> V3lockpb_LockResponse {
        let turn = Turn(server.store, name: request.name)
        let place = try await turn.enter(lease: request.lease, value: [])
        try await turn.wait(for: place)
        guard try await turn.holds(place) else { throw EtcdError.sessionExpired }
        return .with {
            $0.header = server.header
            $0.key = Data(place.key)
        }
    }

    private func unlock(_ request: V3lockpb_UnlockRequest) async throws -> V3lockpb_UnlockResponse {
        let range = KeyRange(key: Bytes(request.key))
        let result = try await server.store.apply(Transaction(success: [.delete(.init(range))]))
        return .with { $0.header = server.identity.header(result.revision) }
    }
}
