import Crypto
import Foundation
import SwiftASN1
import X509

/// Signs certificates (RFC 5280; ECDSA P-256 with SHA-256).
public struct CertificateAuthority: Sendable {
    /// Ten years.
    public static let lifetime = 10 * CertificateProfile.year
    /// Certificates are valid from a little before now: clocks of nodes differ.
    static let backdating: Int64 = 300

    let certificate: Certificate
    private let key: Certificate.PrivateKey

    /// A new one, signed by itself.
    /// - Parameter now: seconds since 1970.
    public init(commonName: String, now: Int64, lifetime: Int64 = lifetime) throws {
        key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let name = try DistinguishedName { CommonName(commonName) }
        let publicKey = key.publicKey
        certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: publicKey,
            notValidBefore: Date(seconds: now - Self.backdating), notValidAfter: Date(seconds: now + lifetime),
            issuer: name, subject: name,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(digitalSignature: true, keyEncipherment: true, keyCertSign: true))
                SubjectKeyIdentifier(hash: publicKey)
            },
            issuerPrivateKey: key)
    }

    /// The key may be of any kind that swift-certificates knows (RSA, ECDSA, Ed25519).
    public init(certificatePEM: String, keyPEM: String) throws {
        certificate = try Certificate(pemEncoded: certificatePEM)
        key = try Certificate.PrivateKey(pemEncoded: keyPEM)
        guard certificate.publicKey == key.publicKey else {
            throw PKIError("the certificate authority's key is not that of its certificate")
        }
        guard case .isCertificateAuthority? = try certificate.extensions.basicConstraints else {
            throw PKIError("the certificate of the certificate authority is not one that may sign others")
        }
    }

    public var certificatePEM: String {
        get throws { try certificate.serializeAsPEM().pemString + "\n" }
    }

    public var keyPEM: String {
        get throws { try key.serializeAsPEM().pemString + "\n" }
    }

    public var validity: CertificateValidity { CertificateValidity(certificate) }

    /// A certificate with a new key.
    /// - Parameter now: seconds since 1970.
    public func issue(_ profile: CertificateProfile, now: Int64) throws -> IssuedCertificate {
        let leafKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let leaf = try sign(profile, publicKey: leafKey.publicKey, now: now)
        return IssuedCertificate(
            certificatePEM: try leaf.serializeAsPEM().pemString + "\n",
            keyPEM: try leafKey.serializeAsPEM().pemString + "\n",
            validity: CertificateValidity(leaf))
    }

    /// Never outlives the authority itself.
    func sign(
        _ profile: CertificateProfile, publicKey: Certificate.PublicKey, keyEncipherment: Bool = false, now: Int64
    ) throws -> Certificate {
        let end = min(Date(seconds: now + profile.lifetime), certificate.notValidAfter)
        let issuer = certificate
        return try Certificate(
            version: .v3, serialNumber: .init(), publicKey: publicKey,
            notValidBefore: max(Date(seconds: now - Self.backdating), certificate.notValidBefore),
            notValidAfter: end, issuer: certificate.subject, subject: try Self.subject(of: profile),
            extensions: try Certificate.Extensions {
                Critical(KeyUsage(digitalSignature: true, keyEncipherment: keyEncipherment))
                try ExtendedKeyUsage(Self.usages(of: profile))
                Critical(BasicConstraints.notCertificateAuthority)
                if let identifier = try issuer.extensions.subjectKeyIdentifier {
                    AuthorityKeyIdentifier(keyIdentifier: identifier.keyIdentifier)
                }
                if !profile.dnsNames.isEmpty || !profile.addresses.isEmpty {
                    SubjectAlternativeNames(
                        profile.dnsNames.map { .dnsName($0) }
                            + profile.addresses.map {
                                .ipAddress(ASN1OctetString(contentBytes: $0.networkBytes[...]))
                            })
                }
            },
            issuerPrivateKey: key)
    }

    static func subject(of profile: CertificateProfile) throws -> DistinguishedName {
        try DistinguishedName {
            for organization in profile.organizations { OrganizationName(organization) }
            CommonName(profile.commonName)
        }
    }

    private static func usages(of profile: CertificateProfile) -> [ExtendedKeyUsage.Usage] {
        (profile.usages.contains(.server) ? [.serverAuth] : [])
            + (profile.usages.contains(.client) ? [.clientAuth] : [])
    }
}

/// A certificate with its key, as files hold them.
public struct IssuedCertificate: Sendable, Hashable {
    public let certificatePEM: String
    public let keyPEM: String
    public let validity: CertificateValidity
}

extension Date {
    init(seconds: Int64) { self.init(timeIntervalSince1970: TimeInterval(seconds)) }

    /// Since 1970, cut off.
    var seconds: Int64 { Int64(timeIntervalSince1970) }
}

extension CertificateAuthority {
    /// Whether the certificate is this authority's and the key is its key.
    func hasSigned(certificatePEM: String, keyPEM: String) -> Bool {
        guard let leaf = try? Certificate(pemEncoded: certificatePEM),
            let key = try? Certificate.PrivateKey(pemEncoded: keyPEM)
        else { return false }
        return leaf.publicKey == key.publicKey && leaf.issuer == certificate.subject
            && certificate.publicKey.isValidSignature(leaf.signature, for: leaf)
    }
}
