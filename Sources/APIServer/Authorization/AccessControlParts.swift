import AccessControl
import Logging
import PKI
import StoreCore

/// Everything that decides who asks and what he may do, made from the store: for `APIServer.Options`.
public struct AccessControlParts: Sendable {
    public struct Settings: Sendable {
        /// `--service-account-issuer`; the first one is written into new tokens.
        public var issuers = ["https://kubernetes.default.svc.cluster.local"]
        /// `--api-audiences`; empty: the first issuer.
        public var audiences: [String] = []
        public var signingKey: TokenKey
        /// Further keys with which tokens may be signed.
        public var verifierKeys: [TokenVerifierKey] = []
        public var staticTokens: StaticTokens?
        public var allowsAnonymous = true

        public init(signingKey: TokenKey) { self.signingKey = signingKey }
    }

    public let authenticator: AuthenticationChain
    public let impersonator: Impersonation
    public let authorizer: AuthorizationChain
    public let index: AccessIndex
    /// `load()` before the first request, then run it.
    public let feed: AccessIndexFeed
    /// For `APIServer.Options.subresources`.
    public let handlers: [String: any SubresourceHandler]
    /// For the registry's admission.
    public let admission: RoleEscalationCheck
    /// For `APIServer.Options.documents`: with them others check this cluster's tokens.
    public let documents: [String: StaticDocument]

    /// - Parameter clock: nanoseconds since 1970.
    public init(
        _ settings: Settings, store: any Store, clock: @escaping @Sendable () -> Int64, logger: Logger
    ) throws {
        let objects = StoredObjects(store)
        let seconds: @Sendable () -> Int64 = { clock() / 1_000_000_000 }
        let issuer = settings.issuers.first ?? "https://kubernetes.default.svc.cluster.local"
        let audiences = settings.audiences.isEmpty ? [issuer] : settings.audiences
        let keys = [settings.signingKey.verifier] + settings.verifierKeys
        let verifier = TokenVerifier(keys: keys, issuers: settings.issuers)
        let known: [(any TokenAuthenticator)?] = [
            settings.staticTokens, ServiceAccountTokens(verifier, objects, now: seconds),
            BootstrapTokens(objects, now: seconds),
        ]
        let tokens = TokenChain(known.compactMap { $0 })
        authenticator = AuthenticationChain(
            certificates: CertificateAuthenticator(now: seconds), tokens: tokens, audiences: audiences,
            allowsAnonymous: settings.allowsAnonymous)
        index = AccessIndex()
        authorizer = AuthorizationChain(index)
        impersonator = Impersonation(authorizer)
        feed = AccessIndexFeed(index, store: store, logger: logger)
        admission = RoleEscalationCheck(index, authorizer)
        documents = [
            "/.well-known/openid-configuration": StaticDocument(IssuerDocuments.discovery(issuer: issuer, keys: keys)),
            "/openid/v1/jwks": StaticDocument("application/jwk-set+json", try IssuerDocuments.keySet(keys)),
        ]
        handlers = [
            "tokenreviews.authentication.k8s.io": TokenReviews(tokens, audiences: audiences),
            "selfsubjectreviews.authentication.k8s.io": SelfReview(),
            "subjectaccessreviews.authorization.k8s.io": AccessReviews(.subject, authorizer),
            "localsubjectaccessreviews.authorization.k8s.io": AccessReviews(.local, authorizer),
            "selfsubjectaccessreviews.authorization.k8s.io": AccessReviews(.own, authorizer),
            "selfsubjectrulesreviews.authorization.k8s.io": RulesReview(index),
            "serviceaccounts/token": TokenRequests(
                settings.signingKey, issuer: issuer, audiences: audiences, objects: objects, newID: NewNames.uid),
        ]
    }
}
