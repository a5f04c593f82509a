import NIOSSL
import Synchronization

/// With which certificate the API server comes to node agents, and whose theirs must be. Replaceable while running: the
/// next connection uses what was set last.
public final class NodeAgentTLS: Sendable {
    private let current: Mutex<NIOSSLContext>
    /// For pods and services, whose certificates nobody can know.
    let unverified: NIOSSLContext

    /// PEM texts. `authorities`: nil takes any certificate, as upstream without `--kubelet-certificate-authority`.
    public init(certificateChain: String, privateKey: String, authorities: String?) throws {
        current = Mutex(try Self.context(certificateChain, privateKey, authorities))
        unverified = try NIOSSLContext(configuration: Self.configuration(authorities: nil))
    }

    public func replace(certificateChain: String, privateKey: String, authorities: String?) throws {
        let context = try Self.context(certificateChain, privateKey, authorities)
        current.withLock { $0 = context }
    }

    var context: NIOSSLContext { current.withLock { $0 } }

    private static func context(_ chain: String, _ key: String, _ authorities: String?) throws -> NIOSSLContext {
        var configuration = try configuration(authorities: authorities)
        configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(chain.utf8)).map { .certificate($0) }
        configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
        return try NIOSSLContext(configuration: configuration)
    }

    private static func configuration(authorities: String?) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = ["http/1.1"]
        if let authorities {
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(authorities.utf8)))
        } else {
            configuration.certificateVerification = .none
        }
        return configuration
    }
}
