import EtcdAPI
import GRPCServer

/// There are no users and roles: who may connect, may do everything.
struct AuthService {
    let server: ServerState

    func register(_ methods: inout MethodTable) {
        let service = "etcdserverpb.Auth"
        methods.task(service, "AuthStatus", authStatus)
        methods.task(service, "AuthEnable", authEnable)
        methods.task(service, "AuthDisable", authDisable)
        methods.task(service, "Authenticate", authenticate)
    }

    private func authStatus(_ request: Etcdserverpb_AuthStatusRequest) async throws -> Etcdserverpb_AuthStatusResponse {
        .with { $0.header = server.header }
    }

    private func authEnable(_ request: Etcdserverpb_AuthEnableRequest) async throws -> Etcdserverpb_AuthEnableResponse {
        throw EtcdError.noAuth
    }

    private func authDisable(_ request: Etcdserverpb_AuthDisableRequest) async throws
        -> Etcdserverpb_AuthDisableResponse
    { .with { $0.header = server.header } }

    private func authenticate(_ request: Etcdserverpb_AuthenticateRequest) async throws
        -> Etcdserverpb_AuthenticateResponse
    { throw EtcdError.authNotEnabled }
}
