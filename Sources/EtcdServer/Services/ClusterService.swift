import EtcdAPI
import GRPCServer

/// One member, which never changes.
struct ClusterService {
    let server: ServerState

    func register(_ methods: inout MethodTable) {
        let service = "etcdserverpb.Cluster"
        methods.task(service, "MemberList", memberList)
        methods.task(service, "MemberAdd", memberAdd)
        methods.task(service, "MemberRemove", memberRemove)
        methods.task(service, "MemberUpdate", memberUpdate)
        methods.task(service, "MemberPromote", memberPromote)
    }

    private func memberList(_ request: Etcdserverpb_MemberListRequest) async throws -> Etcdserverpb_MemberListResponse {
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

    private func memberAdd(_ request: Etcdserverpb_MemberAddRequest) async throws -> Etcdserverpb_MemberAddResponse {
        throw EtcdError.notSupported
    }

    private func memberRemove(_ request: Etcdserverpb_MemberRemoveRequest) async throws
        -> Etcdserverpb_MemberRemoveResponse
    { throw refusal(of: request.id) }

    private func memberUpdate(_ request: Etcdserverpb_MemberUpdateRequest) async throws
        -> Etcdserverpb_MemberUpdateResponse
    { throw refusal(of: request.id) }

    private func memberPromote(_ request: Etcdserverpb_MemberPromoteRequest) async throws
        -> Etcdserverpb_MemberPromoteResponse
    { throw refusal(of: request.id) }

    private func refusal(of id: UInt64) -> RPCStatus {
        id == server.identity.member ? EtcdError.notSupported : EtcdError.memberNotFound
    }
}
