import EtcdAPI
import GRPCCore

/// There are no users and roles: who may connect, may do everything.
struct AuthService: Etcdserverpb_Auth.SimpleServiceProtocol {
    let server: ServerState

    func authStatus(
        request: Etcdserverpb_AuthStatusRequest, context: ServerContext
    ) async throws -> Etcdserverpb_AuthStatusResponse {
        .with { $0.header = server.header }
    }

    func authEnable(
        request: Etcdserverpb_AuthEnableRequest, context: ServerContext
    ) async throws -> Etcdserverpb_AuthEnableResponse { throw EtcdError.noAuth }

    func authDisable(
        request: Etcdserverpb_AuthDisableRequest, context: ServerContext
    ) async throws -> Etcdserverpb_AuthDisableResponse { .with { $0.header = server.header } }

    func authenticate(
        request: Etcdserverpb_AuthenticateRequest, context: ServerContext
    ) async throws -> Etcdserverpb_AuthenticateResponse { throw EtcdError.authNotEnabled }
}
