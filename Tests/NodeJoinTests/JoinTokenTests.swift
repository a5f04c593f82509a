import KubeAPI
import KubeClient
import Logging
import PKI
import Testing

@testable import NodeJoin

struct JoinTokenTests {
    @Test(arguments: ["abcdef.0123456789abcdef", "000000.zzzzzzzzzzzzzzzz"])
    func takesTokens(_ text: String) throws { #expect(try #require(JoinToken(text)).description == text) }

    @Test(arguments: [
        "", "abcdef", "abcdef.0123456789abcde", "ABCDEF.0123456789abcdef", "abcdef.0123456789abcde.",
        "ab-def.0123456789abcdef",
    ])
    func refusesOthers(_ text: String) { #expect(JoinToken(text) == nil) }

    @Test func makesDifferentOnes() {
        var generator = SystemRandomNumberGenerator()
        let tokens = Set((0..<100).map { _ in JoinToken(using: &generator) })
        #expect(tokens.count == 100 && tokens.allSatisfy { JoinToken("\($0)") == $0 })
    }
}

/// A cluster-info is believed only with the token's signature, and with the authority whose hash was given.
struct ClusterDiscoveryTests {
    private let authority: CertificateAuthority
    private let token: JoinToken
    private let server: ServerAddress
    private let kubeconfig: String

    init() throws {
        authority = try CertificateAuthority(commonName: "kubernetes", now: 1_800_000_000)
        token = try #require(JoinToken("abcdef.0123456789abcdef"))
        server = try #require(ServerAddress(parsing: "https://10.0.0.1:6443"))
        kubeconfig = KubeconfigText(server: "https://10.0.0.1:6443", authorityPEM: try authority.certificatePEM).text
    }

    private func discover(_ data: JSONValue, hash: String?) throws -> ServerConnection {
        let map = try APIObject(json: [
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "cluster-info", "namespace": "kube-public"],
            "data": data,
        ])
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return try ClusterDiscovery(server, token: token, authorityHash: hash, logger: logger).trusted(map)
    }

    private var signed: JSONValue {
        [
            "kubeconfig": .string(kubeconfig),
            "jws-kubeconfig-abcdef": .string(
                DetachedSignature.make(of: kubeconfig, keyID: "abcdef", key: token.secret)),
        ]
    }

    @Test func believesWhatTheTokenSigned() throws {
        let hash = try PublicKeyHash.of(certificatePEM: try authority.certificatePEM)
        #expect(hash.hasPrefix("sha256:") && hash.count == 71)
        let connection = try discover(signed, hash: hash)
        #expect(connection.authorityText == (try authority.certificatePEM))
        #expect(connection.credential == .token("abcdef.0123456789abcdef") && !connection.skipsVerification)
    }

    @Test func refusesOthersSignatures() {
        var forged = signed
        forged[path: "jws-kubeconfig-abcdef"] = .string(
            DetachedSignature.make(of: kubeconfig, keyID: "abcdef", key: "another"))
        #expect(throws: JoinFailure.self) { try discover(forged, hash: nil) }
        #expect(throws: JoinFailure.self) { try discover(["kubeconfig": .string(kubeconfig)], hash: nil) }
    }

    @Test func refusesAnotherAuthority() {
        #expect(throws: JoinFailure.self) { try discover(signed, hash: "sha256:" + String(repeating: "0", count: 64)) }
    }
}
