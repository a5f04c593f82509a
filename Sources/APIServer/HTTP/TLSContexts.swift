import NIOSSL
import Synchronization

/// The server's certificate and the authority of its clients, replaceable while connections are open: new connections see
/// what was set last.
public final class TLSContexts: Sendable {
    private let current: Mutex<NIOSSLContext>

    /// PEM texts. `clientAuthorities`: empty for none, then no client certificate is asked for.
    public init(certificateChain: String, privateKey: String, clientAuthorities: String = "") throws {
        current = Mutex(try Self.context(certificateChain, privateKey, clientAuthorities))
    }

    public func replace(certificateChain: String, privateKey: String, clientAuthorities: String = "") throws {
        let context = try Self.context(certificateChain, privateKey, clientAuthorities)
        current.withLock { $0 = context }
    }

    var context: NIOSSLContext { current.withLock { $0 } }

    private static func context(
        _ certificateChain: String, _ privateKey: String, _ clientAuthorities: String
    ) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(certificateChain.utf8)).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(privateKey.utf8), format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["h2", "http/1.1"]
        if !clientAuthorities.isEmpty {
            configuration.certificateVerification = .optionalVerification
            let authorities = try NIOSSLCertificate.fromPEMBytes(Array(clientAuthorities.utf8))
            configuration.trustRoots = .certificates(authorities)
            configuration.sendCANameList = false
        }
        return try NIOSSLContext(configuration: configuration)
    }
}
