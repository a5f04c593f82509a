/// The certificates of a control plane in a folder, as `NAME.crt` and `NAME.key`; what is missing is made.
public struct CertificateFolder: Sendable {
    public let path: String

    public init(_ path: String) throws {
        self.path = path
        try SecretFile.makeFolder(path)
    }

    public func certificatePath(_ name: String) -> String { "\(path)/\(name).crt" }
    public func keyPath(_ name: String) -> String { "\(path)/\(name).key" }

    /// The authority of that name; made when there is none. One that has ended is an error: everything it signed has to
    /// be made anew, which is its administrator's decision.
    public func authority(_ name: String = "ca", commonName: String = "kubernetes", now: Int64) throws
        -> CertificateAuthority
    {
        let certificate = try SecretFile.read(certificatePath(name))
        let key = try SecretFile.read(keyPath(name))
        switch (certificate, key) {
        case (let certificate?, let key?):
            let authority: CertificateAuthority
            do {
                authority = try CertificateAuthority(certificatePEM: certificate, keyPEM: key)
            } catch {
                throw PKIError("\(certificatePath(name)) and its key cannot be used: \(error)")
            }
            guard authority.validity.notAfter > now else {
                throw PKIError(
                    "the certificate authority \(certificatePath(name)) has ended; move it and its key away "
                        + "to have a new one made, and give clients their new certificates")
            }
            return authority
        case (nil, nil):
            let authority = try CertificateAuthority(commonName: commonName, now: now)
            try SecretFile.write(authority.keyPEM, to: keyPath(name), mode: SecretFile.ownerOnly)
            try SecretFile.write(authority.certificatePEM, to: certificatePath(name), mode: SecretFile.readable)
            return authority
        case (nil, _?), (_?, nil):
            throw PKIError(
                "only one of \(certificatePath(name)) and \(keyPath(name)) is there; put the other beside it, or move it away"
            )
        }
    }

    /// The certificate of that name when it does what the profile asks, is the authority's and is not due; else a new one.
    public func certificate(
        _ name: String, _ profile: CertificateProfile, by authority: CertificateAuthority, now: Int64
    ) throws -> IssuedCertificate {
        if let kept = try stored(name, profile, by: authority), !kept.validity.isDue(at: now) { return kept }
        return try renew(name, profile, by: authority, now: now)
    }

    public func renew(
        _ name: String, _ profile: CertificateProfile, by authority: CertificateAuthority, now: Int64
    ) throws -> IssuedCertificate {
        let issued = try authority.issue(profile, now: now)
        // The key first: a certificate without its key is refused above, a key alone is written over.
        try SecretFile.write(issued.keyPEM, to: keyPath(name), mode: SecretFile.ownerOnly)
        try SecretFile.write(issued.certificatePEM, to: certificatePath(name), mode: SecretFile.readable)
        return issued
    }

    private func stored(
        _ name: String, _ profile: CertificateProfile, by authority: CertificateAuthority
    ) throws -> IssuedCertificate? {
        guard let certificatePEM = try SecretFile.read(certificatePath(name)),
            let keyPEM = try SecretFile.read(keyPath(name)),
            let facts = try? CertificateFacts(pem: certificatePEM),
            facts.commonName == profile.commonName, Set(facts.organizations) == Set(profile.organizations),
            Set(facts.dnsNames) == Set(profile.dnsNames), Set(facts.addresses) == Set(profile.addresses),
            authority.hasSigned(certificatePEM: certificatePEM, keyPEM: keyPEM)
        else { return nil }
        return IssuedCertificate(certificatePEM: certificatePEM, keyPEM: keyPEM, validity: facts.validity)
    }

    /// The file of that name; nil when there is none.
    public func text(_ name: String) throws -> String? { try SecretFile.read("\(path)/\(name)") }

    /// Certificates, for everybody.
    public func writePublic(_ name: String, _ text: String) throws {
        try SecretFile.write(text, to: "\(path)/\(name)", mode: SecretFile.readable)
    }

    /// What holds a key, for its owner alone; in one step.
    public func writeSecret(_ name: String, _ text: String) throws {
        try SecretFile.write(text, to: "\(path)/\(name)", mode: SecretFile.ownerOnly)
    }

    /// Writes a client's configuration: it holds a key, so only its owner may read it.
    public func writeKubeconfig(_ name: String, _ kubeconfig: KubeconfigText) throws {
        try writeSecret(name, kubeconfig.text)
    }
}
