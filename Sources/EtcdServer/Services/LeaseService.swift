import EtcdAPI
import FoundationEssentials
import GRPCServer
import Store
import StoreCore

struct LeaseService {
    let server: ServerState

    func register(_ methods: inout MethodTable) {
        let service = "etcdserverpb.Lease"
        methods.task(service, "LeaseGrant", leaseGrant)
        methods.task(service, "LeaseRevoke", leaseRevoke)
        methods.stream(service, "LeaseKeepAlive", leaseKeepAlive)
        methods.task(service, "LeaseTimeToLive", leaseTimeToLive)
        methods.task(service, "LeaseLeases", leaseLeases)
    }

    private func leaseGrant(_ request: Etcdserverpb_LeaseGrantRequest) async throws -> Etcdserverpb_LeaseGrantResponse {
        try server.alarms.requireSpace()
        let lease = try await server.store.grantLease(request.id, seconds: request.ttl)
        return .with {
            $0.header = server.header
            $0.id = lease.id
            $0.ttl = lease.seconds
        }
    }

    private func leaseRevoke(_ request: Etcdserverpb_LeaseRevokeRequest) async throws
        -> Etcdserverpb_LeaseRevokeResponse
    {
        let revision = try await server.store.revokeLease(request.id)
        return .with { $0.header = server.identity.header(revision) }
    }

    private func leaseKeepAlive(
        _ stream: MessageStream<Etcdserverpb_LeaseKeepAliveRequest, Etcdserverpb_LeaseKeepAliveResponse>
    ) async throws {
        while let request = try await stream.next() {
            var answer = Etcdserverpb_LeaseKeepAliveResponse()
            answer.id = request.id
            do {
                answer.ttl = try await server.store.keepLeaseAlive(request.id).seconds
            } catch StoreError.leaseNotFound {
                // A lease that is over has no time left; the stream goes on.
                answer.ttl = 0
            }
            answer.header = server.header
            try await stream.write(answer)
        }
    }

    private func leaseTimeToLive(_ request: Etcdserverpb_LeaseTimeToLiveRequest) async throws
        -> Etcdserverpb_LeaseTimeToLiveResponse
    {
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

    private func leaseLeases(_ request: Etcdserverpb_LeaseLeasesRequest) async throws
        -> Etcdserverpb_LeaseLeasesResponse
    {
        let ids = try await server.store.leases()
        return .with {
            $0.header = server.header
            $0.leases = ids.map { id in .with { $0.id = id } }
        }
    }
}
