import Crypto
import Foundation
import NetTypes
import SwiftASN1
import X509

/// What is read from a certificate that somebody shows or that a file holds.
public struct CertificateFacts: Sendable, Hashable {
    /// The last one, as Go's; nil when there is none.
    public let commonName: String?
    public let organizations: [String]
    /// The UID attribute of the subject (0.9.2342.19200300.100.1.1 or 1.3.6.1.4.1.57683.2), rarely there.
    public let uid: String?
    public let dnsNames: [String]
    public let addresses: [IPAddress]
    public let isForClients: Bool
    public let validity: CertificateValidity
    /// Lower-case hexadecimal SHA-256 of the DER.
    public let fingerprint: String

    public init(der: [UInt8]) throws {
        do {
            try self.init(Certificate(derEncoded: der), der: der)
        } catch {
            throw PKIError("the certificate cannot be read: \(error)")
        }
    }

    /// Of the first certificate in the text.
    public init(pem: String) throws {
        do {
            let document = try PEMDocument(pemString: Self.first(pem))
            try self.init(Certificate(pemDocument: document), der: document.derBytes)
        } catch {
            throw PKIError("the certificate cannot be read: \(error)")
        }
    }

    private init(_ certificate: Certificate, der: [UInt8]) throws {
        commonName = certificate.subject.texts(.commonName).last
        organizations = certificate.subject.texts(.organizationName)
        uid = certificate.subject.texts(Self.uidAttribute).last
        let names = try certificate.extensions.subjectAlternativeNames
        dnsNames = names.map { $0.compactMap(\.dnsName) } ?? []
        addresses = names.map { $0.compactMap(\.address) } ?? []
        let usages = try certificate.extensions.extendedKeyUsage
        isForClients = usages.map { $0.contains(.clientAuth) || $0.contains(.any) } ?? true
        validity = CertificateValidity(certificate)
        fingerprint = SHA256.hash(data: der).map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }
            .joined()
    }

    /// Kubernetes' own (KEP-1513 and later): 1.3.6.1.4.1.57683.2
    private static let uidAttribute: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 57683, 2]

    private static func first(_ pem: String) -> String {
        let end = "-----END CERTIFICATE-----"
        guard let range = pem.range(of: end) else { return pem }
        return String(pem[..<range.upperBound])
    }
}

extension DistinguishedName {
    func texts(_ type: ASN1ObjectIdentifier) -> [String] {
        flatMap { $0 }.filter { $0.type == type }.compactMap { String($0.value) }
    }
}

extension ASN1ObjectIdentifier {
    static let commonName = RDNAttributeType.commonName
    static let organizationName = RDNAttributeType.organizationName
}

extension GeneralName {
    var dnsName: String? {
        if case .dnsName(let name) = self { name } else { nil }
    }

    var address: IPAddress? {
        if case .ipAddress(let octets) = self { IPAddress(networkBytes: octets.bytes) } else { nil }
    }
}
