import ArgumentParser
import ControllerCore
import KubeAPI
import PKI

/// The keys of a controller manager, from files.
struct ControllerKeys: ClusterKeys {
    private let authority: CertificateAuthority?
    private let tokenKey: TokenKey?

    init(_ options: ControllerManagerOptions) throws {
        func file(_ given: String?, _ name: String) -> String? { given ?? options.dataDir.map { "\($0)/pki/\(name)" } }
        if let certificate = file(options.clusterSigningCertFile, "ca.crt"),
            let key = file(options.clusterSigningKeyFile, "ca.key")
        {
            authority = try CertificateAuthority(
                certificatePEM: TextInput.read(certificate), keyPEM: TextInput.read(key))
        } else {
            authority = nil
        }
        tokenKey = try file(options.serviceAccountPrivateKeyFile, "sa.key").map {
            try TokenKey(pem: TextInput.read($0))
        }
    }

    var signsCertificates: Bool { authority != nil }
    var issuesTokens: Bool { tokenKey != nil }

    func commonName(of request: CertificateRequest) throws -> String { try parsed(request).commonName ?? "" }

    func sign(_ request: CertificateRequest, lifetime: Int64, now: Int64) throws -> String {
        guard let authority else { throw PKIError("there is no authority to sign with") }
        return Base64Text.encode(try parsed(request).sign(by: authority, lifetime: lifetime, now: now))
    }

    private func parsed(_ request: CertificateRequest) throws -> SigningRequest {
        guard let signer = SigningRequest.Signer(rawValue: request.signer.rawValue),
            let pem = Base64Text.decode(request.request)
        else { throw PKIError("unable to parse csr: it is no PEM in base64") }
        return try SigningRequest(signer: signer, pem: pem, usages: request.usages)
    }

    func end(ofCertificate text: String) -> Int64? {
        guard let pem = Base64Text.decode(text), let facts = try? CertificateFacts(pem: pem) else { return nil }
        return Timestamp.adding(seconds: facts.validity.notAfter, to: 0)
    }

    func token(namespace: String, account: APIObject, secret: String) throws -> String {
        guard let tokenKey else { throw PKIError("there is no key for service accounts' tokens") }
        return try tokenKey.sign(
            ServiceAccountClaims.legacyToken(
                namespace: namespace, account: .init(name: account.name, uid: account.uid), secret: secret))
    }

    func signature(of text: String, tokenID: String, tokenSecret: String) throws -> String {
        DetachedSignature.make(of: text, keyID: tokenID, key: tokenSecret)
    }
}
