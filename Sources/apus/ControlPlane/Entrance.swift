import APIServer
import AccessControl
import Foundation
import KubeAPI
import Logging
import Manifests
import PKI
import StoreCore

/// Who may come in, and what is recorded of it: authentication, authorization, reviews and audit.
struct Entrance {
    let feed: AccessIndexFeed
    /// Those that ask what else the user may do.
    let admission: [any AdmissionPlugin]
    let audit: AuditLog?
    private let authenticator: AuthenticationChain
    private let authorizer: AuthorizationChain
    private let reviews: [String: any SubresourceHandler]
    private let documents: [String: JSONValue]

    init(
        _ options: AccessOptions, certificates: ControlPlaneCertificates, store: any Store, logger: Logger
    ) throws {
        let objects = StoredObjects(store)
        let key = certificates.tokenKey.verifier
        let issuer = options.serviceAccountIssuer
        let audiences = options.apiAudiences?.split(separator: ",").map(String.init) ?? [issuer]
        var chain: [any TokenAuthenticator] = []
        if let file = options.tokenAuthFile { chain.append(try StaticTokens(TextInput.read(file))) }
        chain.append(
            ServiceAccountTokens(TokenVerifier(keys: [key], issuers: [issuer]), objects) { Clock.seconds() })
        chain.append(BootstrapTokens(objects) { Clock.seconds() })
        let tokens = TokenChain(chain)
        authenticator = AuthenticationChain(
            certificates: CertificateAuthenticator { Clock.seconds() }, tokens: tokens, audiences: audiences,
            allowsAnonymous: options.anonymousAuth)

        let index = AccessIndex()
        authorizer = AuthorizationChain(index)
        feed = AccessIndexFeed(index, store: store, logger: logger)
        admission = [
            CertificateApproval(authorizer), CertificateSigning(authorizer), CertificateSubjectRestriction(),
            RoleEscalationCheck(index, authorizer),
        ]
        let requests = TokenRequests(
            certificates.tokenKey, issuer: issuer, audiences: audiences, objects: objects
        ) { UUID().uuidString.lowercased() }
        let resources: [String: any VirtualResource] = [
            "serviceaccounts/token": requests,
            "tokenreviews.authentication.k8s.io": TokenReviews(tokens, audiences: audiences),
            "selfsubjectreviews.authentication.k8s.io": SelfReview(),
            "subjectaccessreviews.authorization.k8s.io": AccessReviews(.subject, authorizer),
            "localsubjectaccessreviews.authorization.k8s.io": AccessReviews(.local, authorizer),
            "selfsubjectaccessreviews.authorization.k8s.io": AccessReviews(.own, authorizer),
            "selfsubjectrulesreviews.authorization.k8s.io": RulesReview(index),
        ]
        reviews = resources.mapValues(VirtualResourceHandler.init)
        documents = [
            "/.well-known/openid-configuration": IssuerDocuments.discovery(issuer: issuer, keys: [key]),
            "/openid/v1/jwks": try IssuerDocuments.keySet([key]),
        ]
        audit = try Self.auditLog(options, logger: logger)
    }

    private static func auditLog(_ options: AccessOptions, logger: Logger) throws -> AuditLog? {
        let policy = try options.auditPolicyFile.map { file in
            let documents = try YAMLDocuments.parse(TextInput.read(file), file: file)
            return try AuditPolicy(json: documents.first?.value ?? .null)
        }
        guard let path = options.auditLogPath else { return nil }
        let file = AuditFile(
            path: path, megabytes: options.auditLogMaxsize, backups: options.auditLogMaxbackup
        ) { Clock.seconds() }
        return try AuditLog(policy: policy ?? .metadata, file: file, logger: logger)
    }

    func apply(to options: inout APIServer.Options) {
        options.authenticator = authenticator
        options.impersonator = Impersonation(authorizer)
        options.authorizer = authorizer
        options.audit = audit
        options.subresources.merge(reviews) { $1 }
        options.documents = documents
    }
}
