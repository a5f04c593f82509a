import Crypto
import SwiftASN1
import X509

/// A new key and the request for a certificate of it (PKCS #10, RFC 2986), both PEM.
public struct NewSigningRequest: Sendable, Hashable {
    public let keyPEM: String
    public let requestPEM: String

    /// - Parameter profile: its lifetime and usages are the signer's to decide.
    public init(_ profile: CertificateProfile) throws {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let request = try CertificateSigningRequest(
            version: .v1, subject: CertificateAuthority.subject(of: profile), privateKey: key, attributes: .init())
        keyPEM = try key.serializeAsPEM().pemString + "\n"
        requestPEM = try request.serializeAsPEM().pemString + "\n"
    }
}
