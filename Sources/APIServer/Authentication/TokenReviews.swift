import AccessControl
import KubeAPI
import KubeSchema

/// authentication.k8s.io/v1 TokenReview: whose a token is.
public struct TokenReviews: VirtualResource {
    private let tokens: any TokenAuthenticator
    private let audiences: [String]

    /// - Parameter audiences: the API server's own, for reviews that name none.
    public init(_ tokens: any TokenAuthenticator, audiences: [String]) {
        self.tokens = tokens
        self.audiences = audiences
    }

    public func create(_ object: JSONValue, _ context: RequestContext) async throws -> JSONValue {
        let spec = object["spec"]
        guard let token = spec?["token"]?.string, !token.isEmpty else {
            throw Status(
                code: 400, reason: "BadRequest", message: "token is required for TokenReview in authentication")
        }
        let asked = spec?["audiences"]?.array?.compactMap(\.string) ?? []
        switch await tokens.authenticate(token: token, audiences: asked.isEmpty ? audiences : asked) {
        case .user(let user, let valid):
            var status = JSONObject([
                .init("authenticated", true), .init("user", user.authenticated.json),
            ])
            status["audiences"] = .array(valid.map { .string($0) })
            return object.withStatus(.object(status))
        case .refused(let reason): return object.withStatus(["user": [:], "error": .string(reason)])
        case .none: return object.withStatus(["user": [:], "error": "invalid bearer token"])
        }
    }
}
