import AccessControl
import KubeAPI
import KubeSchema
import PKI

/// `serviceaccounts/token` (authentication.k8s.io/v1 TokenRequest): signs a token for a service account, bound to a pod,
/// node or secret when the request says so.
public struct TokenRequests: VirtualResource {
    /// What kubelets of any version ask for; tokens then live for a year, so that clients which do not read them anew go
    /// on, and are counted (`warnafter`).
    static let extendable: Int64 = 3600 + 7
    static let year: Int64 = 365 * 86_400
    static let shortest: Int64 = 600
    static let longest: Int64 = 1 << 32

    private let key: TokenKey
    private let issuer: String
    private let audiences: [String]
    private let extends: Bool
    private let objects: any ObjectSource
    private let newID: @Sendable () -> String

    /// - Parameters:
    ///   - audiences: the API server's own.
    ///   - extends: `--service-account-extend-token-expiration`.
    ///   - newID: a fresh UUID.
    public init(
        _ key: TokenKey, issuer: String, audiences: [String], extends: Bool = true, objects: any ObjectSource,
        newID: @escaping @Sendable () -> String
    ) {
        self.key = key
        self.issuer = issuer
        self.audiences = audiences
        self.extends = extends
        self.objects = objects
        self.newID = newID
    }

    public func create(_ object: JSONValue, _ context: RequestContext) async throws -> JSONValue {
        let (namespace, name) = (context.attributes.namespace, context.attributes.name)
        let seconds = try lifetime(object)
        guard let account = try await objects.serviceAccount(namespace, name) else {
            throw Self.notFound("serviceaccounts", name)
        }
        let now = context.now / 1_000_000_000
        let wanted = object["spec"]?["audiences"]?.array?.compactMap(\.string) ?? []
        var claims = ServiceAccountClaims(
            issuer: issuer, audiences: wanted.isEmpty ? audiences : wanted, issuedAt: now, expires: now + seconds,
            tokenID: newID(), namespace: namespace,
            serviceAccount: .init(name: name, uid: account["metadata"]?["uid"]?.string ?? ""))
        if let reference = object["spec"]?["boundObjectRef"], reference != .null {
            try await bind(&claims, to: reference)
        }
        if extends, seconds == Self.extendable, claims.pod != nil, Set(claims.audiences) == Set(audiences) {
            claims.warnAfter = now + seconds
            claims.expires = now + Self.year
        }
        var answer = object
        answer[path: "metadata", "name"] = .string(name)
        answer[path: "metadata", "namespace"] = .string(namespace)
        answer[path: "metadata", "creationTimestamp"] = .string(
            RFC3339.text(nanoseconds: now * 1_000_000_000, .seconds))
        answer[path: "spec", "audiences"] = .array(claims.audiences.map { .string($0) })
        answer[path: "spec", "expirationSeconds"] = .integer(seconds)
        return answer.withStatus([
            "token": .string(try key.sign(claims.json)),
            "expirationTimestamp": .string(RFC3339.text(nanoseconds: (now + seconds) * 1_000_000_000, .seconds)),
        ])
    }

    private func lifetime(_ object: JSONValue) throws -> Int64 {
        let seconds = object["spec"]?["expirationSeconds"]?.integer ?? 3600
        guard seconds >= Self.shortest else {
            throw InvalidObject([
                FieldError(
                    .invalid, "spec.expirationSeconds", .integer(seconds),
                    "may not specify a duration less than 10 minutes")
            ])
        }
        guard seconds <= Self.longest else {
            throw InvalidObject([
                FieldError(
                    .invalid, "spec.expirationSeconds", .integer(seconds),
                    "may not specify a duration larger than 2^32 seconds")
            ])
        }
        return seconds
    }

    private func bind(_ claims: inout ServiceAccountClaims, to reference: JSONValue) async throws {
        let (name, uid) = (reference["name"]?.string ?? "", reference["uid"]?.string ?? "")
        switch (reference["apiVersion"]?.string ?? "", reference["kind"]?.string ?? "") {
        case ("v1", "Pod"):
            let pod = try await object(objects.pod(claims.namespace, name), "pods", name, uid: uid)
            guard pod["spec"]?["serviceAccountName"]?.string ?? "" == claims.serviceAccount.name else {
                throw Status(
                    code: 400, reason: "BadRequest",
                    message: "cannot bind token for serviceaccount \(GoText.quoted(claims.serviceAccount.name)) to pod "
                        + "running with different serviceaccount name.")
            }
            claims.pod = .init(name: name, uid: pod["metadata"]?["uid"]?.string ?? "")
            if let node = pod["spec"]?["nodeName"]?.string, !node.isEmpty {
                claims.node = .init(name: node, uid: try await objects.node(node)?["metadata"]?["uid"]?.string ?? "")
            }
        case ("v1", "Node"):
            let node = try await object(objects.node(name), "nodes", name, uid: uid)
            claims.node = .init(name: name, uid: node["metadata"]?["uid"]?.string ?? "")
        case ("v1", "Secret"):
            let secret = try await object(objects.secret(claims.namespace, name), "secrets", name, uid: uid)
            claims.secret = .init(name: name, uid: secret["metadata"]?["uid"]?.string ?? "")
        case (let version, let kind):
            throw Status(
                code: 400, reason: "BadRequest",
                message: "cannot bind token to object of type \(version), Kind=\(kind)")
        }
    }

    private func object(_ object: JSONValue?, _ resource: String, _ name: String, uid: String) throws -> JSONValue {
        guard let object else { throw Self.notFound(resource, name) }
        let found = object["metadata"]?["uid"]?.string ?? ""
        guard uid.isEmpty || uid == found else {
            var status = Status(
                code: 409, reason: "Conflict",
                message: "Operation cannot be fulfilled on \(resource) \(GoText.quoted(name)): the UID in the bound "
                    + "object reference (\(uid)) does not match the UID in record. The object might have been deleted "
                    + "and then recreated")
            (status.kind, status.name) = (resource, name)
            throw status
        }
        return object
    }

    private static func notFound(_ resource: String, _ name: String) -> Status {
        var status = Status(code: 404, reason: "NotFound", message: "\(resource) \(GoText.quoted(name)) not found")
        (status.kind, status.name) = (resource, name)
        return status
    }
}
