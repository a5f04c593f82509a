import EtcdAPI
import GRPCCore

/// One member, which never changes.
struct ClusterService: Etcdserverpb_Cluster.SimpleServiceProtocol {
    let server: ServerState

    func memberList(
        request: Etcdserverpb_MemberListRequest, context: ServerContext
    ) async throws -> Etcdserverpb_MemberListResponse {
        .with {
            $0.header = server.header
            $0.members = [
                .with {
                    $0.id = server.identity.member
                    $0.name = server.identity.name
                    $0.clientUrls = server.clientURLs
                }
            ]
        }
    }

    func memberAdd(
        request: Etcdserverpb_MemberAddRequest, context: ServerContext
    ) async throws -> Etcdserverpb_MemberAddResponse { throw EtcdError.notSupported }

    func memberRemove(
        request: Etcdserverpb_MemberRemoveRequest, context: ServerContext
    ) async throws -> Etcdserverpb_MemberRemoveResponse { throw refusal(of: request.id) }

    func memberUpdate(
        request: Etcdserverpb_MemberUpdateRequest, context: ServerContext
    ) async throws -> Etcdserverpb_MemberUpdateResponse { throw refusal(of: request.id) }

    func memberPromote(
        request: Etcdserverpb_MemberPromoteRequest, context: ServerContext
    ) async throws -> Etcdserverpb_MemberPromoteResponse { throw refusal(of: request.id) }

    private func refusal(of id: UInt64) -> RPCError {
        id == server.identity.member ? EtcdError.notSupported : EtcdError.memberNotFound
    }
}
