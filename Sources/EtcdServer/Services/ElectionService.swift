import EtcdAPI
import FoundationEssentials
import GRPCServer
import StoreCore

struct ElectionService {
    let server: ServerState

    func register(_ methods: inout MethodTable) {
        let service = "v3electionpb.Election"
        methods.task(service, "Campaign", campaign)
        methods.task(service, "Proclaim", proclaim)
        methods.task(service, "Leader", leader)
        methods.answers(service, "Observe", observe)
        methods.task(service, "Resign", resign)
    }

    private func campaign(_ request: V3electionpb_CampaignRequest) async throws -> V3electionpb_CampaignResponse {
        let turn = Turn(server.store, name: request.name)
        let value = Bytes(request.value)
        let place = try await turn.enter(lease: request.lease, value: value)
        if let existing = place.existing, existing.value != value { try await proclaim(value, place) }
        try await turn.wait(for: place)
        guard try await turn.holds(place) else { throw EtcdError.notLeader }
        return .with {
            $0.header = server.header
            $0.leader = .with {
                $0.name = request.name
                $0.key = Data(place.key)
                $0.rev = place.revision
                $0.lease = place.lease
            }
        }
    }

    private func proclaim(_ request: V3electionpb_ProclaimRequest) async throws -> V3electionpb_ProclaimResponse {
        guard request.hasLeader else { throw EtcdError.noLeaderKey }
        let revision = try await proclaim(Bytes(request.value), Turn.Place(request.leader))
        return .with { $0.header = server.identity.header(revision) }
    }

    @discardableResult
    private func proclaim(_ value: Bytes, _ place: Turn.Place) async throws -> Revision {
        let result = try await server.store.apply(
            Transaction(
                compares: [Compare(KeyRange(key: place.key), .equal, .createRevision(place.revision))],
                success: [.put(.init(place.key, value, lease: place.lease))]))
        guard result.succeeded else { throw EtcdError.notLeader }
        return result.revision
    }

    private func leader(_ request: V3electionpb_LeaderRequest) async throws -> V3electionpb_LeaderResponse {
        let (leader, revision) = try await Turn(server.store, name: request.name).first()
        guard let leader else { throw EtcdError.noLeader }
        return response(leader, at: revision)
    }

    /// Every value of every leader, in their order.
    private func observe(
        _ request: V3electionpb_LeaderRequest,
        _ stream: MessageStream<V3electionpb_LeaderRequest, V3electionpb_LeaderResponse>
    ) async throws {
        let turn = Turn(server.store, name: request.name)
        var (leader, revision) = try await turn.first()
        let watch = try await server.store.watch(KeyRange(prefix: turn.prefix), from: revision + 1)
        while true {
            if let now = leader { try await stream.write(response(now, at: revision)) }
            var hasChanged = false
            while !hasChanged {
                let batch = try await watch.next(patience: nil)
                for event in batch.events where leader == nil || event.key == leader?.key {
                    hasChanged = true
                    // A value of a leader that stays is told, also when another follows it at once.
                    if event.kind == .put, event.key == leader?.key, event != batch.events.last {
                        try await stream.write(response(event.keyValue, at: event.revision))
                    }
                }
                revision = batch.revision
            }
            leader = try await turn.first(at: revision).0
        }
    }

    private func resign(_ request: V3electionpb_ResignRequest) async throws -> V3electionpb_ResignResponse {
        guard request.hasLeader else { throw EtcdError.noLeaderKey }
        try await Turn(server.store, name: request.leader.name).leave(Turn.Place(request.leader))
        return .with { $0.header = server.header }
    }

    private func response(_ leader: KeyValue, at revision: Revision) -> V3electionpb_LeaderResponse {
        .with {
            $0.header = server.identity.header(revision)
            $0.kv = Mvccpb_KeyValue(leader)
        }
    }
}

extension Turn.Place {
    init(_ leader: V3electionpb_LeaderKey) {
        self.init(key: Bytes(leader.key), revision: leader.rev, lease: leader.lease, existing: nil)
    }
}
