import EtcdAPI
import FoundationEssentials
import GRPCCore
import Store
import StoreCore

struct LeaseService: Etcdserverpb_Lease.SimpleServiceProtocol {
    let server: ServerState

    func leaseGrant(
        request: Etcdserverpb_LeaseGrantRequest, context: ServerContext
    ) async throws -> Etcdserverpb_LeaseGrantResponse {
        try server.alarms.requireSpace()
        let lease = try await server.store.grantLease(request.id, seconds: request.ttl)
        return .with {
            $0.header = server.header
            $0.id = lease.id
            $0.ttl = lease.seconds
        }
    }

    func leaseRevoke(
        request: Etcdserverpb_LeaseRevokeRequest, context: ServerContext
    ) async throws -> Etcdserverpb_LeaseRevokeResponse {
        let revision = try await server.store.revokeLease(request.id)
        return .with { $0.header = server.identity.header(revision) }
    }

    func leaseKeepAlive(
        request: RPCAsyncSequence<Etcdserverpb_LeaseKeepAliveRequest, any Error>,
        response: RPCWriter<Etcdserverpb_LeaseKeepAliveResponse>, context: ServerContext
    ) async throws {
        for try await message in request {
            var answer = Etcdserverpb_LeaseKeepAliveResponse()
            answer.id = message.id
            do {
                answer.ttl = try await server.store.keepLeaseAlive(message.id).seconds
            } catch StoreError.leaseNotFound {
                // A lease that is over has no time left; the stream goes on.
                answer.ttl = 0
            }
            answer.header = server.header
            try await response.write(answer)
        }
    }

    func leaseTimeToLive(
        request: Etcdserverpb_LeaseTimeToLiveRequest, context: ServerContext
    ) async throws -> Etcdserverpb_LeaseTimeToLiveResponse {
        var answer = Etcdserverpb_LeaseTimeToLiveResponse()
        answer.header = server.header
        answer.id = request.id
        do {
            let lease = try await server.store.lease(request.id)
            answer.ttl = server.store.remainingSeconds(of: lease)
            answer.grantedTtl = lease.seconds
            if request.keys { answer.keys = lease.keys.sorted { $0.precedes($1) }.map { Data($0) } }
        } catch StoreError.leaseNotFound {
            answer.ttl = -1
        }
        return answer
    }

    func leaseLeases(
        request: Etcdserverpb_LeaseLeasesRequest, context: ServerContext
    ) async throws -> Etcdserverpb_LeaseLeasesResponse {
        let ids = try await server.store.leases()
        return .with {
            $0.header = server.header
            $0.leases = ids.map { id in .with { $0.id = id } }
        }
    }
}
