import AsyncHTTPClient
import Foundation
import NIOCore
import NIOSSL

/// A client with the administrator's certificate, over HTTP/1.1 connections that stay open.
struct APIClient: Sendable {
    private let client: HTTPClient
    private let base: String

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
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 2000
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        base = "https://127.0.0.1:\(server.port)"
    }

    func close() async throws { try await client.shutdown() }

    func request(_ method: String, _ path: String, body: String? = nil) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: base + path)
        request.method = .RAW(value: method)
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        return request
    }

    /// The answer's size in bytes; fails for anything but success.
    @discardableResult
    func send(_ method: String, _ path: String, body: String? = nil) async throws -> Int {
        let response = try await client.execute(request(method, path, body: body), timeout: .seconds(60))
        let bytes = try await response.body.collect(upTo: 1 << 28)
        guard (200..<300).contains(response.status.code) else {
            throw ServerProcess.Failure(
                description: "\(method) \(path): \(response.status.code) \(String(buffer: bytes))")
        }
        return bytes.readableBytes
    }

    /// An answer that goes on.
    func open(_ path: String, for duration: TimeAmount) async throws -> HTTPClientResponse.Body {
        let response = try await client.execute(request("GET", path), timeout: duration)
        guard response.status == .ok else {
            throw ServerProcess.Failure(description: "GET \(path): \(response.status.code)")
        }
        return response.body
    }

    func waitUntilReady(_ server: ServerProcess) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if (try? await send("GET", "/readyz")) != nil { return }
            try server.checkRuns()
            try await Task.sleep(for: .milliseconds(5))
        }
        throw ServerProcess.Failure(description: "apus apiserver is not ready after a minute")
    }
}
