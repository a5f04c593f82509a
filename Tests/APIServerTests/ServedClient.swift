import AsyncHTTPClient
import Foundation
import KubeAPI
import Logging
import NIOCore
import NetTypes
import Store
import Telemetry
import Testing

@testable import APIServer

/// A server with the tokens `admin` and `slow`, each of the user of that name, and the options that `configure` sets.
func withServer(
    configure: (inout APIServer.Options, EmbeddedStore) async throws -> [ObjectFeed] = { _, _ in [] },
    _ body: (ServedClient) async throws -> Void,
    admission: (EmbeddedStore) -> AdmissionChain = { _ in AdmissionChain([]) }
) async throws {
    let folder = NSTemporaryDirectory() + "apus-serving-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try EmbeddedStore(folder: folder)
    let range = try #require(CIDR("10.0.0.0/24"))
    let network = try #require(ServiceNetwork(ranges: [range], nodePorts: 30_000...30_009))
    let registry = Registry(
        store: store, resources: ServedResources(.builtin, StrategyTable(store: store, network: network)),
        admission: admission(store),
        clock: { Sample.now * 1_000_000_000 })
    var options = APIServer.Options()
    options.port = 0
    options.authenticator = AuthenticationChain(
        certificates: nil, tokens: TokenChain([try StaticTokens("admin,admin,1\nslow,slow,2\n")]), audiences: [])
    let feeds = try await configure(&options, store)
    let server = APIServer(registry, options, metrics: MetricsRegistry(), logger: Logger(label: "test"))
    let port = try await server.start()
    let registrar = try #require(
        CustomResourceRegistrar(registry, logger: Logger(label: "test")) { Sample.now * 1_000_000_000 })
    let following = feeds.map { feed in Task { try await feed.run() } } + [Task { try await registrar.run() }]
    // Not the shared one, which unpacks answers.
    var configuration = HTTPClient.Configuration()
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 100
    let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    let result: Result<Void, any Error>
    do {
        result = .success(try await body(ServedClient(port: port, http: http, store: store, registry: registry)))
    } catch {
        result = .failure(error)
    }
    for task in following { task.cancel() }
    try await http.shutdown()
    await server.stop()
    await store.close()
    try result.get()
}

/// Speaks to it.
struct ServedClient: Sendable {
    static let configMaps = "/api/v1/namespaces/default/configmaps"

    struct Answer {
        let status: Int
        let headers: [String: String]
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSONValue { get throws { try JSONParser.parse(body) } }
    }

    let port: Int
    let http: HTTPClient
    let store: EmbeddedStore
    /// The server's own, for what works beside it.
    let registry: Registry

    /// The object there as it is now.
    func object(_ path: String) async throws -> JSONValue {
        let answer = try await send("GET", path)
        guard answer.status == 200 else {
            throw Unexpected(description: "GET \(path): \(answer.status) \(answer.text)")
        }
        return try answer.json
    }

    /// A change that is expected to be taken.
    @discardableResult
    func change(
        _ method: String, _ path: String, _ body: String = "", type: String = "application/json"
    ) async throws -> JSONValue {
        let answer = try await send(method, path, ["Content-Type": type], body: body)
        guard (200..<300).contains(answer.status) else {
            throw Unexpected(description: "\(method) \(path): \(answer.status) \(answer.text)")
        }
        return try answer.json
    }

    @discardableResult
    func merge(_ path: String, _ patch: String) async throws -> JSONValue {
        try await change("PATCH", path, patch, type: "application/merge-patch+json")
    }

    /// Everything that a watch of a second shows.
    func watched(_ path: String, accept: String = "application/json") async throws -> [JSONValue] {
        let answer = try await send(
            "GET", path + (path.contains("?") ? "&" : "?") + "watch=1&timeoutSeconds=1", ["Accept": accept])
        return try answer.body.split(separator: UInt8(ascii: "\n")).map { try JSONParser.parse(Array($0)) }
    }

    struct Unexpected: Error, CustomStringConvertible {
        let description: String
    }

    func send(
        _ method: String, _ path: String, _ headers: [String: String] = [:], body: String = "",
        as user: String = "admin"
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = .init(rawValue: method)
        request.headers.add(name: "Authorization", value: "Bearer \(user)")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if !body.isEmpty { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await http.execute(request, timeout: .seconds(60))
        let bytes = try await response.body.collect(upTo: 64 << 20)
        let all = Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { "\($0), \($1)" }
        return Answer(status: Int(response.status.code), headers: all, body: Array(bytes.readableBytesView))
    }
}
