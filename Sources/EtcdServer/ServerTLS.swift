import FoundationEssentials
import GRPCNIOTransportHTTP2Posix

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

    var security: HTTP2ServerTransport.Posix.TransportSecurity {
        .tls(
            certificateChain: [.file(path: certificate, format: .pem)], privateKey: .file(path: key, format: .pem)
        ) { configuration in
            if let trustedAuthorities {
                configuration.trustRoots = .certificates([.file(path: trustedAuthorities, format: .pem)])
            }
            if requiresClientCertificate {
                configuration.clientCertificateVerification = .noHostnameVerification
            }
        }
    }
}
