import NIOSSL

/// The files that etcd's flags of the same names point to. PEM.
public struct ServerTLS: Sendable, Hashable {
    public var certificate: String
    public var key: String
    /// Authorities of clients' certificates.
    public var trustedAuthorities: String?
    public var requiresClientCertificate: Bool

    public init(
        certificate: String, key: String, trustedAuthorities: String? = nil, requiresClientCertificate: Bool = false
    ) {
        self.certificate = certificate
        self.key = key
        self.trustedAuthorities = trustedAuthorities
        self.requiresClientCertificate = requiresClientCertificate
    }

    /// Reads the files.
    func context() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["h2"]
        if let trustedAuthorities { configuration.trustRoots = .file(trustedAuthorities) }
        if requiresClientCertificate { configuration.certificateVerification = .noHostnameVerification }
        return try NIOSSLContext(configuration: configuration)
    }
}
