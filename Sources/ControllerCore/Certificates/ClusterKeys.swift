import KubeAPI

/// What works with keys for controllers: reads and signs certificate requests, issues tokens. Errors describe themselves
/// in the words that are shown to users.
public protocol ClusterKeys: Sendable {
    /// Whether there is an authority to sign certificates with.
    var signsCertificates: Bool { get }
    /// Whether there is a key for service accounts' tokens.
    var issuesTokens: Bool { get }

    /// The subject's common name of a request that its signer would sign.
    ///
    /// - Throws: why the signer does not sign it.
    func commonName(of request: CertificateRequest) throws -> String
    /// The certificate, PEM in base64, for so many seconds from `now`, in seconds since 1970.
    func sign(_ request: CertificateRequest, lifetime: Int64, now: Int64) throws -> String
    /// When a certificate, PEM in base64, ends, in nanoseconds since 1970; nil for what is none.
    func end(ofCertificate text: String) -> Int64?

    /// A token that holds as long as the Secret does.
    func token(namespace: String, account: APIObject, secret: String) throws -> String
    /// The detached JWS (RFC 7515 appendix F, HS256) of a text with a bootstrap token.
    func signature(of text: String, tokenID: String, tokenSecret: String) throws -> String
}

/// `spec` of a CertificateSigningRequest, as far as signers look at it.
public struct CertificateRequest: Sendable, Hashable {
    public enum Signer: String, Sendable, CaseIterable {
        case client = "kubernetes.io/kube-apiserver-client"
        case kubeletClient = "kubernetes.io/kube-apiserver-client-kubelet"
        case kubeletServing = "kubernetes.io/kubelet-serving"
    }

    public let signer: Signer
    /// PEM in base64.
    public let request: String
    public let usages: [String]

    /// nil for another's signer.
    public init?(_ object: APIObject) {
        guard let signer = object.spec?["signerName"]?.string.flatMap(Signer.init) else { return nil }
        self.signer = signer
        request = object.spec?["request"]?.string ?? ""
        usages = object.spec?["usages"]?.array?.compactMap(\.string) ?? []
    }
}
