import KubeAPI
import KubeClient
import NIOCore
import PKI
import Synchronization

/// Who may ask the node for what: client certificates and TokenReviews say who it is, SubjectAccessReviews what they may
/// (kubelet's webhook modes). Without an API server only `system:masters` by certificate.
final class AgentAccess: Sendable {
    enum Decision: Sendable, Hashable {
        case allowed
        case unauthenticated
        case forbidden(String)
    }

    struct User: Sendable, Hashable {
        var name: String
        var groups: [String]
        var uid = ""
    }

    private struct Question: Hashable {
        let user: User
        let verb: String
        let subresource: String
    }

    private static let keep = Duration.seconds(10)

    private let client: KubeClient?
    private let nodeName: String
    private let allowed = Mutex<[Question: ContinuousClock.Instant]>([:])

    init(client: KubeClient?, nodeName: String) {
        self.client = client
        self.nodeName = nodeName
    }

    /// - Parameters:
    ///   - certificate: DER, verified already.
    ///   - authorization: the header of that name.
    func decide(
        certificate: [UInt8]?, authorization: String?, method: String, path: String
    ) async -> Decision {
        guard let user = await user(certificate, authorization) else { return .unauthenticated }
        let question = Question(user: user, verb: Self.verb(method), subresource: Self.subresource(path))
        if user.groups.contains("system:masters") { return .allowed }
        if let until = allowed.withLock({ $0[question] }), until > .now { return .allowed }
        guard await ask(question) else {
            return .forbidden(
                "Forbidden (user=\(user.name), verb=\(question.verb), resource=nodes, subresource=\(question.subresource))"
            )
        }
        allowed.withLock { known in
            if known.count > 1000 { known = [:] }
            known[question] = .now + Self.keep
        }
        return .allowed
    }

    // MARK: - Who

    private func user(_ certificate: [UInt8]?, _ authorization: String?) async -> User? {
        if let certificate, let facts = try? CertificateFacts(der: certificate), facts.isForClients,
            let name = facts.commonName
        {
            return User(name: name, groups: facts.organizations + ["system:authenticated"])
        }
        guard let authorization, authorization.hasPrefix("Bearer "), let client else { return nil }
        let review: JSONValue = [
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
            "spec": ["token": .string(String(authorization.dropFirst("Bearer ".count)))],
        ]
        let path = "/apis/authentication.k8s.io/v1/tokenreviews"
        guard let answer = try? await post(review, path, client), answer["status"]?["authenticated"]?.bool == true,
            let user = answer["status"]?["user"], let name = user["username"]?.string
        else { return nil }
        return User(
            name: name, groups: user["groups"]?.array?.compactMap(\.string) ?? [], uid: user["uid"]?.string ?? "")
    }

    // MARK: - What

    static func verb(_ method: String) -> String {
        ["POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"][method] ?? "get"
    }

    static func subresource(_ path: String) -> String {
        switch path.split(separator: "/").first {
        case "stats": "stats"
        case "metrics": "metrics"
        case "logs": "log"
        default: "proxy"
        }
    }

    private func ask(_ question: Question) async -> Bool {
        guard let client else { return false }
        let review: JSONValue = [
            "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
            "spec": [
                "user": .string(question.user.name), "groups": .array(question.user.groups.map { .string($0) }),
                "uid": .string(question.user.uid),
                "resourceAttributes": [
                    "verb": .string(question.verb), "version": "v1", "resource": "nodes",
                    "subresource": .string(question.subresource), "name": .string(nodeName),
                ],
            ],
        ]
        let answer = try? await post(review, "/apis/authorization.k8s.io/v1/subjectaccessreviews", client)
        return answer?["status"]?["allowed"]?.bool == true
    }

    private func post(_ json: JSONValue, _ path: String, _ client: KubeClient) async throws -> JSONValue {
        try await client.json(KubeRequest(.create, path: path, body: ByteBuffer(bytes: JSONWriter.bytes(json))))
    }
}
