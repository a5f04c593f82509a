import AccessControl
import KubeAPI
import PKI

/// Tokens of service accounts: JWTs that this cluster has signed. The objects that a token is bound to must still be
/// there, with the same uid.
public struct ServiceAccountTokens: TokenAuthenticator {
    /// Tokens live on for so long after their account's or pod's deletion has begun; seconds.
    static let deletionLeeway: Int64 = 60

    private let verifier: TokenVerifier
    private let objects: any ObjectSource
    /// Signatures that were found valid. Everything else of a token is looked at each time.
    private let cache = BoundedCache<String, ServiceAccountClaims>(limit: 4096)
    /// Seconds since 1970.
    private let now: @Sendable () -> Int64

    public init(_ verifier: TokenVerifier, _ objects: any ObjectSource, now: @escaping @Sendable () -> Int64) {
        self.verifier = verifier
        self.objects = objects
        self.now = now
    }

    public func authenticate(token: String, audiences: [String]) async -> TokenResult {
        do {
            let claims: ServiceAccountClaims
            if let known = cache[token] {
                claims = known
            } else {
                guard verifier.isOurs(token) else { return .none }
                claims = try verifier.verifySignature(token)
                cache[token] = claims
            }
            try verifier.check(claims, audiences: audiences, now: now())
            try await checkObjects(claims, token)
            let valid = claims.audiences.isEmpty ? audiences : audiences.filter(claims.audiences.contains)
            return .user(Self.user(claims), audiences: valid)
        } catch {
            return .refused("\(error)")
        }
    }

    private func checkObjects(_ claims: ServiceAccountClaims, _ token: String) async throws {
        let account = claims.serviceAccount
        try check(
            await objects.serviceAccount(claims.namespace, account.name), uid: account.uid,
            "service account \(claims.namespace)/\(account.name)")
        if let pod = claims.pod {
            try check(
                await objects.pod(claims.namespace, pod.name), uid: pod.uid, "pod \(claims.namespace)/\(pod.name)")
        } else if let node = claims.node {
            try check(await objects.node(node.name), uid: node.uid, "node \(node.name)")
        }
        if let secret = claims.secret {
            let stored = try await objects.secret(claims.namespace, secret.name)
            try check(stored, uid: secret.uid, "secret \(claims.namespace)/\(secret.name)")
            if claims.issuer == ServiceAccountClaims.legacyIssuer {
                let held = stored?["data"]?["token"]?.string.flatMap(Base64Text.decode) ?? ""
                guard equalsInConstantTime(held, token) else {
                    throw PKIError("the secret \(claims.namespace)/\(secret.name) holds another token")
                }
            }
        }
    }

    /// An empty uid is not compared: legacy tokens do not name their Secret's.
    private func check(_ object: JSONValue?, uid: String, _ what: String) throws {
        guard let object else { throw PKIError("the token's \(what) is gone") }
        guard uid.isEmpty || object["metadata"]?["uid"]?.string == uid else {
            throw PKIError("the token's \(what) is another one of the same name")
        }
        if let deletion = object["metadata"]?["deletionTimestamp"]?.string.flatMap(RFC3339.seconds),
            now() >= deletion + Self.deletionLeeway
        {
            throw PKIError("the token's \(what) is being deleted")
        }
    }

    private static func user(_ claims: ServiceAccountClaims) -> UserInfo {
        let account = ServiceAccountName(namespace: claims.namespace, name: claims.serviceAccount.name)
        var extra: [String: [String]] = [:]
        if !claims.tokenID.isEmpty { extra[CredentialID.key] = ["JTI=" + claims.tokenID] }
        func add(_ kind: String, _ object: ServiceAccountClaims.ObjectName?) {
            guard let object else { return }
            extra["authentication.kubernetes.io/\(kind)-name"] = [object.name]
            if !object.uid.isEmpty { extra["authentication.kubernetes.io/\(kind)-uid"] = [object.uid] }
        }
        add("pod", claims.pod)
        add("node", claims.node)
        return UserInfo(name: account.userName, uid: claims.serviceAccount.uid, groups: account.groups, extra: extra)
    }
}
