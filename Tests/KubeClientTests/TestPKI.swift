import NIOSSL
import Processes
import Threads

@testable import KubeClient

/// A certificate authority with a server's and two clients' certificates, made by the openssl program.
struct TestPKI: Sendable {
    let folder: TemporaryFolder

    init() async throws {
        folder = try TemporaryFolder()
        try folder.write("named-san", "subjectAltName=DNS:kube.test\n")
        try folder.write("san", "subjectAltName=DNS:localhost,DNS:kube.test,IP:127.0.0.1,IP:::1\n")
        try await openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test-ca -keyout ca.key -out ca.crt"
        )
        for (name, extensions) in [
            ("server", "-extfile san"), ("named", "-extfile named-san"), ("client", ""), ("client2", ""),
        ] {
            try await openssl(
                "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=\(name) -keyout \(name).key -out \(name).csr"
            )
            try await openssl(
                "x509 -req -in \(name).csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out \(name).crt \(extensions)"
            )
        }
    }

    func path(_ name: String) -> String { "\(folder.path)/\(name)" }

    /// `certificate` is `server`, good for localhost and its addresses, or `named`, good for kube.test.
    func serverContext(_ certificate: String = "server", wantsClientCertificate: Bool = false) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(path("\(certificate).crt")).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: path("\(certificate).key"), format: .pem)))
        if wantsClientCertificate {
            configuration.trustRoots = .file(path("ca.crt"))
            configuration.certificateVerification = .noHostnameVerification
        }
        return try NIOSSLContext(configuration: configuration)
    }

    private struct Failed: Error { let output: String }

    private func openssl(_ arguments: String) async throws {
        let command = "cd '\(folder.path)' && openssl \(arguments)"
        let start = ProgramStart("sh", ["-c", command], environment: ["PATH=/usr/bin:/bin"])
        let finished = try await OwnThread.wait { try FinishedProcess.run(start, limit: .seconds(30)) }
        guard finished.end == .exit(0) else { throw Failed(output: finished.errorText) }
    }
}
