import EtcdAPI
import FoundationEssentials
import GRPCCore
import StoreCore

struct ElectionService: V3electionpb_Election.SimpleServiceProtocol {
    let server: ServerState

    func campaign(
        request: V3electionpb_CampaignRequest, context: ServerContext
    ) async throws -> V3electionpb_CampaignResponse {
        let turn = Turn(server.store, name: request.name)
        let value = Bytes(request.value)
        return try await whileCalled(context) {
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
    }

    func proclaim(
        request: V3electionpb_ProclaimRequest, context: ServerContext
    ) async throws -> V3electionpb_ProclaimResponse {
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

    func leader(
        request: V3electionpb_LeaderRequest, context: ServerContext
    ) async throws -> V3electionpb_LeaderResponse {
        let (leader, revision) = try await Turn(server.store, name: request.name).first()
        guard let leader else { throw EtcdError.noLeader }
        return response(leader, at: revision)
    }

    /// Every value of every leader, in their order.
    func observe(
        request: V3electionpb_LeaderRequest, response: RPCWriter<V3electionpb_LeaderResponse>, context: ServerContext
    ) async throws {
        let turn = Turn(server.store, name: request.name)
        try await whileCalled(context) {
            var (leader, revision) = try await turn.first()
            let watch = try await server.store.watch(KeyRange(prefix: turn.prefix), from: revision + 1)
            while true {
                if let now = leader { try await response.write(self.response(now, at: revision)) }
                var hasChanged = false
                while !hasChanged {
                    let batch = try await watch.next(patience: nil)
                    for event in batch.events where leader == nil || event.key == leader?.key {
                        hasChanged = true
                        // A value of a leader that stays is told, also when another follows it at once.
                        if event.kind == .put, event.key == leader?.key, event != batch.events.last {
                            try await response.write(self.response(event.keyValue, at: event.revision))
                        }
                    }
                    revision = batch.revision
                }
                leader = try await turn.first(at: revision).0
            }
        }
    }

    func resign(
        request: V3electionpb_ResignRequest, context: ServerContext
    ) async throws -> V3electionpb_ResignResponse {
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
