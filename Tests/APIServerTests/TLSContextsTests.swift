import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOSSL
import PKI
import TestThreads
import Testing

@testable import APIServer

/// A serving certificate that is replaced while connections are open.
@Suite(.ownThread) struct TLSContextsTests {
    /// A client that trusts one authority alone, and stays on its first connection.
    private static func client(_ authority: CertificateAuthority) throws -> HTTPClient {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(authority.certificatePEM.utf8)))
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.httpVersion = .http1Only
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    @Test func openConnectionsGoOnAndNewOnesSeeTheNewCertificate() async throws {
        let now = Int64(Date().timeIntervalSince1970)
        let authorities = try ["old", "new"].map { try CertificateAuthority(commonName: $0, now: now) }
        let issued = try authorities.map {
            try $0.issue(.apiServer(hostNames: [], addresses: [], serviceAddresses: []), now: now)
        }
        let contexts = try TLSContexts(certificateChain: issued[0].certificatePEM, privateKey: issued[0].keyPEM)
        let server = HTTPServer(tls: contexts, logger: Logger(label: "test")) { request in
            HTTPResponse(text: request.connection.remoteAddress)
        } tooLarge: { _ in
            HTTPResponse(status: 413, text: "")
        }
        let port = try await server.listen(host: "127.0.0.1", port: 0)
        /// The address from which the client came.
        func ask(_ client: HTTPClient) async throws -> String {
            let response = try await client.execute(
                HTTPClientRequest(url: "https://127.0.0.1:\(port)/"), timeout: .seconds(60))
            return String(buffer: try await response.body.collect(upTo: 1 << 20))
        }
        let clients = try [authorities[0], authorities[0], authorities[1]].map(Self.client)
        let before = try await ask(clients[0])
        try contexts.replace(certificateChain: issued[1].certificatePEM, privateKey: issued[1].keyPEM)
        #expect(try await ask(clients[0]) == before)
        #expect(try await ask(clients[2]) != before)
        await #expect(throws: (any Error).self) { _ = try await ask(clients[1]) }
        for client in clients { try await client.shutdown() }
        await server.shutDown()
    }
}
