import EtcdAPI
import GRPCCore
import StoreCore
import SwiftProtobuf
import Synchronization

/// An etcd v3 cluster as the store. Any member is asked; when it fails, the next. A change whose member fails before it
/// answers is reported as `unavailable`: it may have happened or not, so callers compare revisions and ask again.
public final class EtcdStore: Store {
    private let cluster: Cluster
    private let clock: @Sendable () -> Int64
    private let seen = Mutex<(latest: Revision, compacted: Revision)>((1, 0))

    /// `clock`: wall-clock milliseconds.
    public init(
        endpoints: [EtcdEndpoint], credentials: EtcdCredentials = EtcdCredentials(),
        clock: @escaping @Sendable () -> Int64
    ) throws(StoreError) {
        cluster = try Cluster(endpoints, credentials)
        self.clock = clock
    }

    /// Ends all calls and watches.
    public func close() async { await cluster.close() }

    // MARK: Store

    /// What answers so far have said; others may have written since.
    public var revisions: (latest: Revision, compacted: Revision) { seen.withLock { $0 } }

    public func range(_ query: RangeQuery) async throws -> (result: RangeResult, revision: Revision) {
        let response: Etcdserverpb_RangeResponse = try await call(
            Etcdserverpb_KV.Method.Range.descriptor, Etcdserverpb_RangeRequest(query), isRepeatable: true)
        note(response.header.revision)
        return (RangeResult(response), response.header.revision)
    }

    public func apply(_ transaction: Transaction) async throws -> TransactionResult {
        let response: Etcdserverpb_TxnResponse = try await call(
            Etcdserverpb_KV.Method.Txn.descriptor, Etcdserverpb_TxnRequest(transaction),
            isRepeatable: !transaction.changes)
        note(response.header.revision)
        return TransactionResult(response, revision: response.header.revision)
    }

    public func compact(_ revision: Revision) async throws {
        let response: Etcdserverpb_CompactionResponse = try await call(
            Etcdserverpb_KV.Method.Compact.descriptor,
            Etcdserverpb_CompactionRequest.with { $0.revision = revision }, isRepeatable: false)
        note(response.header.revision)
        noteCompacted(revision)
    }

    public func watch(_ range: KeyRange, from first: Revision) async throws -> any StoreWatch {
        // Where "after now" is must not change when a member fails before its first event.
        let start = first == 0 ? try await currentRevision() + 1 : first
        return EtcdWatch(self, cluster, range, from: start)
    }

    public func grantLease(_ id: LeaseID, seconds: Int64) async throws -> Lease {
        let response: Etcdserverpb_LeaseGrantResponse = try await call(
            Etcdserverpb_Lease.Method.LeaseGrant.descriptor,
            Etcdserverpb_LeaseGrantRequest.with {
                $0.id = id
                $0.ttl = seconds
            }, isRepeatable: id == 0)
        return Lease(id: response.id, seconds: response.ttl, deadline: clock() + response.ttl * 1000)
    }

    public func keepLeaseAlive(_ id: LeaseID) async throws -> Lease {
        let response: Etcdserverpb_LeaseKeepAliveResponse = try await call(
            Etcdserverpb_Lease.Method.LeaseKeepAlive.descriptor,
            Etcdserverpb_LeaseKeepAliveRequest.with { $0.id = id }, isRepeatable: true)
        guard response.ttl > 0 else { throw StoreError.leaseNotFound }
        return Lease(id: id, seconds: response.ttl, deadline: clock() + response.ttl * 1000)
    }

    public func revokeLease(_ id: LeaseID) async throws -> Revision {
        let response: Etcdserverpb_LeaseRevokeResponse = try await call(
            Etcdserverpb_Lease.Method.LeaseRevoke.descriptor,
            Etcdserverpb_LeaseRevokeRequest.with { $0.id = id }, isRepeatable: false)
        note(response.header.revision)
        return response.header.revision
    }

    public func lease(_ id: LeaseID) async throws -> Lease {
        let response: Etcdserverpb_LeaseTimeToLiveResponse = try await call(
            Etcdserverpb_Lease.Method.LeaseTimeToLive.descriptor,
            Etcdserverpb_LeaseTimeToLiveRequest.with {
                $0.id = id
                $0.keys = true
            }, isRepeatable: true)
        guard response.ttl >= 0, response.grantedTtl > 0 else { throw StoreError.leaseNotFound }
        var lease = Lease(id: id, seconds: response.grantedTtl, deadline: clock() + response.ttl * 1000)
        lease.keys = Set(response.keys.map { Bytes($0) })
        return lease
    }

    public func leases() async throws -> [LeaseID] {
        let response: Etcdserverpb_LeaseLeasesResponse = try await call(
            Etcdserverpb_Lease.Method.LeaseLeases.descriptor, Etcdserverpb_LeaseLeasesRequest(), isRepeatable: true)
        return response.leases.map(\.id).sorted()
    }

    // MARK: Calls

    private func call<Request: SwiftProtobuf.Message, Response: SwiftProtobuf.Message>(
        _ method: MethodDescriptor, _ request: Request, isRepeatable: Bool
    ) async throws -> Response {
        do {
            return try await cluster.call(method, request, isRepeatable: isRepeatable)
        } catch let error as RPCError {
            throw translate(error)
        }
    }

    func translate(_ error: RPCError) -> any Error {
        let (latest, compacted) = revisions
        return error.storeError(compacted: compacted, latest: latest)
    }

    func note(_ revision: Revision) { seen.withLock { $0.latest = max($0.latest, revision) } }
    func noteCompacted(_ revision: Revision) { seen.withLock { $0.compacted = max($0.compacted, revision) } }
}

extension Transaction {
    /// True when it may change something, in either branch.
    var changes: Bool {
        (success + failure).contains { operation in
            switch operation {
            case .put, .delete: true
            case .range: false
            case .transaction(let nested): nested.changes
            }
        }
    }
}
