import Foundation
import NIOSSL

/// Who a client is, and the server's authority, which is in the kubeconfig that the server wrote.
struct Credentials: Sendable {
    let tls: TLSConfiguration
    /// For the header Authorization; nil for who has a certificate.
    let token: String?

    /// The administrator, who may do everything without a role being looked at (system:masters).
    static func administrator(_ server: ServerProcess) throws -> Credentials {
        let config = try Kubeconfig(server)
        var tls = try config.tls()
        tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(try config.data("client-certificate-data")).map {
            .certificate($0)
        }
        tls.privateKey = .privateKey(
            try NIOSSLPrivateKey(bytes: try config.data("client-key-data"), format: .pem))
        return Credentials(tls: tls, token: nil)
    }

    /// `ServerProcess.user`, who may do what roles allow.
    static func user(_ server: ServerProcess) throws -> Credentials {
        Credentials(tls: try Kubeconfig(server).tls(), token: ServerProcess.user.token)
    }
}

private struct Kubeconfig {
    private let text: String

    init(_ server: ServerProcess) throws { text = try String(contentsOf: server.kubeconfig, encoding: .utf8) }

    func data(_ field: String) throws -> [UInt8] {
        let line = text.split(separator: "\n").first { $0.contains("\(field):") }
        guard let text = line?.split(separator: " ").last, let data = Data(base64Encoded: String(text)) else {
            throw ServerProcess.Failure(description: "the kubeconfig has no \(field)")
        }
        return Array(data)
    }

    func tls() throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(try data("certificate-authority-data")))
        return tls
    }
}
