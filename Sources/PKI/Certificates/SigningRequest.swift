import SwiftASN1
import X509

/// Signs what a CertificateSigningRequest of certificates.k8s.io asks for, as its signer allows. Approval is somebody
/// else's.
public struct SigningRequest: Sendable {
    public enum Signer: String, Sendable, CaseIterable {
        case client = "kubernetes.io/kube-apiserver-client"
        case kubeletClient = "kubernetes.io/kube-apiserver-client-kubelet"
        case kubeletServing = "kubernetes.io/kubelet-serving"
    }

    /// Shortest `spec.expirationSeconds`.
    public static let shortest: Int64 = 600

    private let signer: Signer
    private let request: CertificateSigningRequest
    private let names: SubjectAlternativeNames?
    private let usages: Set<String>

    /// - Parameters:
    ///   - pem: `spec.request`, out of its base64.
    ///   - usages: `spec.usages`.
    /// - Throws: `PKIError` with upstream's text when the signer does not sign such a request.
    public init(signer: Signer, pem: String, usages: [String]) throws {
        self.signer = signer
        self.usages = Set(usages)
        do {
            request = try CertificateSigningRequest(pemEncoded: pem)
            names = try request.attributes.extensionRequest?.extensions.subjectAlternativeNames
        } catch {
            throw PKIError("unable to parse csr: \(error)")
        }
        guard request.publicKey.isValidSignature(request.signature, for: request) else {
            throw PKIError("unable to parse csr: the signature is not made with the request's key")
        }
        switch signer {
        case .client: try checkUsages(allowed: ["digital signature", "key encipherment"], required: "client auth")
        case .kubeletClient: try checkKubeletClient()
        case .kubeletServing: try checkKubeletServing()
        }
    }

    /// - Parameters:
    ///   - lifetime: `spec.expirationSeconds`, or the authority's default; seconds.
    ///   - now: seconds since 1970.
    public func sign(by authority: CertificateAuthority, lifetime: Int64, now: Int64) throws -> String {
        let profile = CertificateProfile(
            commonName: commonName ?? "", organizations: organizations,
            usages: signer == .kubeletServing ? [.server] : [.client], dnsNames: dnsNames,
            addresses: (names?.compactMap(\.address)) ?? [], lifetime: max(lifetime, Self.shortest))
        let certificate = try authority.sign(
            profile, publicKey: request.publicKey, keyEncipherment: usages.contains("key encipherment"), now: now)
        return try certificate.serializeAsPEM().pemString + "\n"
    }

    /// Of the subject of any request.
    public static func organizations(pem: String) throws -> [String] {
        try CertificateSigningRequest(pemEncoded: pem).subject.texts(.organizationName)
    }

    public var commonName: String? { request.subject.texts(.commonName).last }
    public var organizations: [String] { request.subject.texts(.organizationName) }
    public var dnsNames: [String] { names?.compactMap(\.dnsName) ?? [] }

    private func checkUsages(allowed: Set<String>, required: String) throws {
        guard usages.contains(required), usages.subtracting(allowed).subtracting([required]).isEmpty else {
            throw PKIError("usages did not match \(([required] + allowed.sorted()))")
        }
    }

    private func checkNode() throws {
        guard organizations == ["system:nodes"] else { throw PKIError("subject organization is not system:nodes") }
        guard commonName?.hasPrefix("system:node:") == true else {
            throw PKIError("subject common name does not begin with system:node:")
        }
        for name in names ?? .init() {
            if case .rfc822Name = name { throw PKIError("Email subjectAltNames are not allowed") }
            if case .uniformResourceIdentifier = name { throw PKIError("URI subjectAltNames are not allowed") }
        }
    }

    private func checkKubeletClient() throws {
        try checkNode()
        guard dnsNames.isEmpty else { throw PKIError("DNS subjectAltNames are not allowed") }
        guard names?.isEmpty ?? true else { throw PKIError("IP subjectAltNames are not allowed") }
        try checkKubeletUsages("client auth")
    }

    private func checkKubeletServing() throws {
        try checkNode()
        guard names?.contains(where: { $0.dnsName != nil || $0.address != nil }) == true else {
            throw PKIError("DNS or IP subjectAltName is required")
        }
        try checkKubeletUsages("server auth")
    }

    private func checkKubeletUsages(_ purpose: String) throws {
        guard usages.subtracting(["key encipherment"]) == ["digital signature", purpose] else {
            throw PKIError("usages did not match \([purpose, "digital signature", "key encipherment"])")
        }
    }
}
