import AsyncHTTPClient
import Foundation
import NIOCore

/// A client over HTTP/1.1 connections that stay open.
struct APIClient: Sendable {
    private let client: HTTPClient
    private let base: String
    private let token: String?

    init(_ server: ServerProcess, _ credentials: Credentials) throws {
        var configuration = HTTPClient.Configuration(tlsConfiguration: credentials.tls)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 2000
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        token = credentials.token
        base = "https://127.0.0.1:\(server.port)"
    }

    func close() async throws { try await client.shutdown() }

    func request(
        _ method: String, _ path: String, body: String? = nil, type: String = "application/json"
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: base + path)
        request.method = .RAW(value: method)
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        if let body {
            request.headers.add(name: "content-type", value: type)
            request.body = .bytes(ByteBuffer(string: body))
        }
        return request
    }

    /// The answer's size in bytes; fails for anything but success.
    @discardableResult
    func send(
        _ method: String, _ path: String, body: String? = nil, type: String = "application/json"
    ) async throws -> Int {
        try await answer(method, path, body: body, type: type).readableBytes
    }

    func data(_ path: String) async throws -> Data { Data(try await answer("GET", path).readableBytesView) }

    private func answer(
        _ method: String, _ path: String, body: String? = nil, type: String = "application/json"
    ) async throws -> ByteBuffer {
        let request = request(method, path, body: body, type: type)
        let response = try await client.execute(request, timeout: .seconds(60))
        let bytes = try await response.body.collect(upTo: 1 << 28)
        guard (200..<300).contains(response.status.code) else {
            throw ServerProcess.Failure(
                description: "\(method) \(path): \(response.status.code) \(String(buffer: bytes))")
        }
        return bytes
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
