import EtcdAPI
import GRPCServer

/// There are no users and roles: who may connect, may do everything.
struct AuthService {
    let server: ServerState

    func register(_ methods: inout MethodTable) {
        let service = "etcdserverpb.Auth"
        methods.task(service, "AuthStatus", authStatus)
        for name in Self.refused { methods.task("/\(service)/\(name)") { _ in throw EtcdError.noAuth } }
        methods.task(service, "AuthDisable", authDisable)
        methods.task(service, "Authenticate", authenticate)
    }

    private static let refused =
        ["AuthEnable"]
        + ["Add", "Get", "List", "Delete", "ChangePassword", "GrantRole", "RevokeRole"].map { "User\($0)" }
        + ["Add", "Get", "List", "Delete", "GrantPermission", "RevokePermission"].map { "Role\($0)" }

    private func authStatus(_ request: Etcdserverpb_AuthStatusRequest) async throws -> Etcdserverpb_AuthStatusResponse {
        .with { $0.header = server.header }
    }

    private func authDisable(_ request: Etcdserverpb_AuthDisableRequest) async throws
        -> Etcdserverpb_AuthDisableResponse
    { .with { $0.header = server.header } }

    private func authenticate(_ request: Etcdserverpb_AuthenticateRequest) async throws
        -> Etcdserverpb_AuthenticateResponse
    { throw EtcdError.authNotEnabled }
}
