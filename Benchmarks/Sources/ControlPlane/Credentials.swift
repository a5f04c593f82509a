import Foundation
import NIOSSL

/// The administrator's certificate and the server's authority, from the kubeconfig that the server wrote.
struct Credentials: Sendable {
    let tls: TLSConfiguration

    init(_ server: ServerProcess) throws {
        let config = try String(contentsOf: server.kubeconfig, encoding: .utf8)
        func data(_ field: String) throws -> [UInt8] {
            let line = config.split(separator: "\n").first { $0.contains("\(field):") }
            guard let text = line?.split(separator: " ").last, let data = Data(base64Encoded: String(text)) else {
                throw ServerProcess.Failure(description: "the kubeconfig has no \(field)")
            }
            return Array(data)
        }
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMBytes(try data("certificate-authority-data")))
        tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(try data("client-certificate-data")).map {
            .certificate($0)
        }
        tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: try data("client-key-data"), format: .pem))
        self.tls = tls
    }
}
