import EtcdAPI
import FoundationEssentials
import GRPCServer
import Store
import StoreCore

struct MaintenanceService {
    let server: ServerState

    func register(_ methods: inout MethodTable) {
        let service = "etcdserverpb.Maintenance"
        methods.task(service, "Status", status)
        methods.task(service, "Alarm", alarm)
        methods.task(service, "Defragment", defragment)
        methods.task(service, "Hash", hash)
        methods.task(service, "HashKV", hashKV)
        methods.answers(service, "Snapshot", snapshot)
        methods.task(service, "MoveLeader", moveLeader)
        methods.task(service, "Downgrade", downgrade)
    }

    private func status(_ request: Etcdserverpb_StatusRequest) async throws -> Etcdserverpb_StatusResponse {
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

    private func alarm(_ request: Etcdserverpb_AlarmRequest) async throws -> Etcdserverpb_AlarmResponse {
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

    private func defragment(_ request: Etcdserverpb_DefragmentRequest) async throws -> Etcdserverpb_DefragmentResponse {
        try await server.store.defragment()
        return .with { $0.header = server.header }
    }

    private func hash(_ request: Etcdserverpb_HashRequest) async throws -> Etcdserverpb_HashResponse {
        let hash = try await server.store.hash(at: 0)
        return .with {
            $0.header = server.header
            $0.hash = hash.value
        }
    }

    private func hashKV(_ request: Etcdserverpb_HashKVRequest) async throws -> Etcdserverpb_HashKVResponse {
        let hash = try await server.store.hash(at: request.revision)
        return .with {
            $0.header = server.header
            $0.hash = hash.value
            $0.compactRevision = server.store.revisions.compacted
            $0.hashRevision = hash.revision
        }
    }

    private func snapshot(
        _ request: Etcdserverpb_SnapshotRequest,
        _ stream: MessageStream<Etcdserverpb_SnapshotRequest, Etcdserverpb_SnapshotResponse>
    ) async throws {
        let header = server.header
        for try await part in try await SnapshotParts(of: server.store) {
            try await stream.write(
                .with {
                    $0.header = header
                    $0.version = EtcdServer.storageVersion
                    $0.remainingBytes = UInt64(part.remaining)
                    $0.blob = part.bytes
                })
        }
    }

    private func moveLeader(_ request: Etcdserverpb_MoveLeaderRequest) async throws -> Etcdserverpb_MoveLeaderResponse {
        throw EtcdError.notSupported
    }

    private func downgrade(_ request: Etcdserverpb_DowngradeRequest) async throws -> Etcdserverpb_DowngradeResponse {
        throw EtcdError.notSupported
    }
}
