import EtcdAPI
import FoundationEssentials
import GRPCCore
import Store
import StoreCore

struct MaintenanceService: Etcdserverpb_Maintenance.SimpleServiceProtocol {
    let server: ServerState

    func status(
        request: Etcdserverpb_StatusRequest, context: ServerContext
    ) async throws -> Etcdserverpb_StatusResponse {
        let size = try await server.store.size()
        let header = server.header
        return .with {
            $0.header = header
            $0.version = EtcdServer.version
            $0.storageVersion = EtcdServer.storageVersion
            $0.dbSize = size.allocated
            $0.dbSizeInUse = size.used
            $0.dbSizeQuota = server.limits.storeBytes
            $0.leader = server.identity.member
            // There is no Raft: revisions count what it would.
            $0.raftIndex = UInt64(clamping: header.revision)
            $0.raftAppliedIndex = UInt64(clamping: header.revision)
            $0.raftTerm = MemberIdentity.term
            $0.errors = server.alarms.raised.map { "memberID:\(server.identity.member) alarm:\($0.name) " }
        }
    }

    func alarm(
        request: Etcdserverpb_AlarmRequest, context: ServerContext
    ) async throws -> Etcdserverpb_AlarmResponse {
        guard request.memberID == 0 || request.memberID == server.identity.member else {
            throw EtcdError.memberNotFound
        }
        var told: [Alarms.Kind] = []
        switch request.action {
        case .activate: told = server.alarms.raise(Alarms.Kind.of(request.alarm))
        case .deactivate: told = server.alarms.clear(Alarms.Kind.of(request.alarm))
        case .get, .UNRECOGNIZED:
            let asked = Alarms.Kind.of(request.alarm)
            told = server.alarms.raised.filter { asked.isEmpty || asked.contains($0) }
        }
        return .with {
            $0.header = server.header
            $0.alarms = told.map { kind in
                .with {
                    $0.memberID = server.identity.member
                    $0.alarm = kind.wire
                }
            }
        }
    }

    func defragment(
        request: Etcdserverpb_DefragmentRequest, context: ServerContext
    ) async throws -> Etcdserverpb_DefragmentResponse {
        try await server.store.defragment()
        return .with { $0.header = server.header }
    }

    func hash(
        request: Etcdserverpb_HashRequest, context: ServerContext
    ) async throws -> Etcdserverpb_HashResponse {
        let hash = try await server.store.hash(at: 0)
        return .with {
            $0.header = server.header
            $0.hash = hash.value
        }
    }

    func hashKV(
        request: Etcdserverpb_HashKVRequest, context: ServerContext
    ) async throws -> Etcdserverpb_HashKVResponse {
        let hash = try await server.store.hash(at: request.revision)
        return .with {
            $0.header = server.header
            $0.hash = hash.value
            $0.compactRevision = server.store.revisions.compacted
            $0.hashRevision = hash.revision
        }
    }

    func snapshot(
        request: Etcdserverpb_SnapshotRequest, response: RPCWriter<Etcdserverpb_SnapshotResponse>,
        context: ServerContext
    ) async throws {
        let header = server.header
        for try await part in try await SnapshotParts(of: server.store) {
            try await response.write(
                .with {
                    $0.header = header
                    $0.version = EtcdServer.storageVersion
                    $0.remainingBytes = UInt64(part.remaining)
                    $0.blob = part.bytes
                })
        }
    }

    func moveLeader(
        request: Etcdserverpb_MoveLeaderRequest, context: ServerContext
    ) async throws -> Etcdserverpb_MoveLeaderResponse { throw EtcdError.notSupported }

    func downgrade(
        request: Etcdserverpb_DowngradeRequest, context: ServerContext
    ) async throws -> Etcdserverpb_DowngradeResponse { throw EtcdError.notSupported }
}
