import Logging
import NIOSSL
import Synchronization

/// Builds the TLS settings, anew whenever one of the files behind them changes.
final class TLSSource: Sendable {
    private struct Built {
        var fingerprints: [FileFingerprint?]
        var execCertificate: ServerConnection.ClientCertificate?
        var configuration: TLSConfiguration
    }

    private let connection: ServerConnection
    private let logger: Logger
    private let built = Mutex<Built?>(nil)

    init(_ connection: ServerConnection, logger: Logger) {
        self.connection = connection
        self.logger = logger
    }

    /// `certificate` is one from an exec plugin. When changed files cannot be read, what they held before stays in use.
    func configuration(
        certificate: ServerConnection.ClientCertificate? = nil
    ) throws(ClientError) -> TLSConfiguration {
        let fingerprints = files.map(FileFingerprint.init(path:))
        do {
            return try built.withLock { built throws(ClientError) in
                if let built, built.fingerprints == fingerprints, built.execCertificate == certificate {
                    return built.configuration
                }
                let configuration = try build(certificate: certificate ?? connection.clientCertificate)
                built = Built(fingerprints: fingerprints, execCertificate: certificate, configuration: configuration)
                return configuration
            }
        } catch {
            guard let last = built.withLock({ $0 }), last.execCertificate == certificate else { throw error }
            logger.warning("keeping the previous certificates", metadata: ["reason": "\(error)"])
            return last.configuration
        }
    }

    private var files: [String] {
        [connection.authority, connection.clientCertificate?.chain, connection.clientCertificate?.key]
            .compactMap { source in if case .file(let path)? = source { path } else { nil } }
    }

    private func build(
        certificate: ServerConnection.ClientCertificate?
    ) throws(ClientError) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if connection.skipsVerification { configuration.certificateVerification = .none }
        do {
            if let authority = connection.authority {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(try authority.bytes()))
            }
            if let certificate {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(try certificate.chain.bytes())
                    .map { .certificate($0) }
                configuration.privateKey = .privateKey(
                    try NIOSSLPrivateKey(bytes: try certificate.key.bytes(), format: .pem))
            }
        } catch {
            throw .credentials("certificates of the configuration: \(error)")
        }
        return configuration
    }
}
