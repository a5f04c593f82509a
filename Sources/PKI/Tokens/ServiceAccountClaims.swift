import KubeAPI

/// What a service account's token says (RFC 7519, and upstream's private claim `kubernetes.io`).
public struct ServiceAccountClaims: Sendable, Hashable {
    public struct ObjectName: Sendable, Hashable {
        public var name: String
        public var uid: String

        public init(name: String, uid: String) {
            self.name = name
            self.uid = uid
        }

        init?(_ json: JSONValue?) {
            guard let name = json?["name"]?.string, !name.isEmpty else { return nil }
            self.init(name: name, uid: json?["uid"]?.string ?? "")
        }

        var json: JSONValue { ["name": .string(name), "uid": .string(uid)] }
    }

    public var issuer: String
    public var audiences: [String]
    /// Seconds since 1970; nil in legacy tokens, which live as long as their Secret.
    public var expires: Int64?
    public var issuedAt: Int64?
    public var notBefore: Int64?
    public var tokenID: String
    public var namespace: String
    public var serviceAccount: ObjectName
    /// The object that the token is bound to; when it goes, so does the token.
    public var pod: ObjectName?
    public var secret: ObjectName?
    /// Of the pod, or what the token is bound to when there is no pod.
    public var node: ObjectName?
    /// When the client should have asked for a new token; later use is counted.
    public var warnAfter: Int64?

    public init(
        issuer: String, audiences: [String], issuedAt: Int64, expires: Int64, tokenID: String, namespace: String,
        serviceAccount: ObjectName
    ) {
        self.issuer = issuer
        self.audiences = audiences
        self.expires = expires
        self.issuedAt = issuedAt
        self.notBefore = issuedAt
        self.tokenID = tokenID
        self.namespace = namespace
        self.serviceAccount = serviceAccount
    }

    public var subject: String { "system:serviceaccount:\(namespace):\(serviceAccount.name)" }

    public var json: JSONValue {
        var own = JSONObject([.init("namespace", .string(namespace))])
        if let node { own["node"] = node.json }
        if let pod { own["pod"] = pod.json }
        if let secret { own["secret"] = secret.json }
        own["serviceaccount"] = serviceAccount.json
        if let warnAfter { own["warnafter"] = .integer(warnAfter) }
        var claims = JSONObject([.init("aud", .array(audiences.map { .string($0) }))])
        if let expires { claims["exp"] = .integer(expires) }
        if let issuedAt { claims["iat"] = .integer(issuedAt) }
        claims["iss"] = .string(issuer)
        claims["jti"] = .string(tokenID)
        claims["kubernetes.io"] = .object(own)
        if let notBefore { claims["nbf"] = .integer(notBefore) }
        claims["sub"] = .string(subject)
        return .object(claims)
    }

    /// nil when the claims are not those of a service account.
    init?(json: JSONValue) {
        issuer = json["iss"]?.string ?? ""
        audiences = json["aud"]?.array?.compactMap(\.string) ?? json["aud"]?.string.map { [$0] } ?? []
        expires = json["exp"]?.integer
        issuedAt = json["iat"]?.integer
        notBefore = json["nbf"]?.integer
        tokenID = json["jti"]?.string ?? ""
        let own = json["kubernetes.io"]
        if let account = ObjectName(own?["serviceaccount"]), let namespace = own?["namespace"]?.string {
            self.namespace = namespace
            serviceAccount = account
            pod = ObjectName(own?["pod"])
            secret = ObjectName(own?["secret"])
            node = ObjectName(own?["node"])
            warnAfter = own?["warnafter"]?.integer
        } else {
            guard let legacy = Self.legacy(json) else { return nil }
            (namespace, serviceAccount, secret) = legacy
        }
        guard json["sub"]?.string == subject else { return nil }
    }

    /// The issuer of tokens that Secrets of type kubernetes.io/service-account-token hold.
    public static let legacyIssuer = "kubernetes/serviceaccount"

    /// What the token of such a Secret says.
    public static func legacyToken(namespace: String, account: ObjectName, secret: String) -> JSONValue {
        let own = "kubernetes.io/serviceaccount/"
        return .object(
            JSONObject([
                .init("iss", .string(legacyIssuer)), .init(own + "namespace", .string(namespace)),
                .init(own + "secret.name", .string(secret)),
                .init(own + "service-account.name", .string(account.name)),
                .init(own + "service-account.uid", .string(account.uid)),
                .init("sub", .string("system:serviceaccount:\(namespace):\(account.name)")),
            ]))
    }

    private static func legacy(_ json: JSONValue) -> (String, ObjectName, ObjectName)? {
        func claim(_ name: String) -> String? { json["kubernetes.io/serviceaccount/" + name]?.string }
        guard json["iss"]?.string == legacyIssuer, let namespace = claim("namespace"),
            let account = claim("service-account.name"), let uid = claim("service-account.uid"),
            let secret = claim("secret.name")
        else { return nil }
        return (namespace, ObjectName(name: account, uid: uid), ObjectName(name: secret, uid: ""))
    }
}
