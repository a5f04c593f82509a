import AccessControl
import PKI

/// The user and groups that a client certificate names: common name and organizations. The TLS layer has verified the
/// chain when the connection was opened; that the certificate still holds is looked at with every request.
public struct CertificateAuthenticator: Sendable {
    private let cache = BoundedCache<[UInt8], CertificateFacts>(limit: 4096)
    /// Seconds since 1970.
    private let now: @Sendable () -> Int64

    public init(now: @escaping @Sendable () -> Int64) { self.now = now }

    func authenticate(_ der: [UInt8]) -> AuthenticationResult {
        let facts: CertificateFacts
        if let known = cache[der] {
            facts = known
        } else {
            do {
                facts = try CertificateFacts(der: der)
            } catch {
                return .refused("\(error)")
            }
            cache[der] = facts
        }
        let now = now()
        guard facts.validity.notBefore <= now, now < facts.validity.notAfter else {
            return .refused("the client's certificate has expired or is not yet valid")
        }
        guard facts.isForClients else { return .refused("the client's certificate is not meant for clients") }
        guard let name = facts.commonName, !name.isEmpty else { return .none }
        return .user(
            UserInfo(
                name: name, uid: facts.uid ?? "", groups: facts.organizations,
                extra: [CredentialID.key: ["X509SHA256=" + facts.fingerprint]]))
    }
}

enum CredentialID {
    static let key = "authentication.kubernetes.io/credential-id"
}
