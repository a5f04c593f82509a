import AccessControl
import KubeAPI
import NIOCore
import NIOHTTP1
import StoreCore

/// Answers the subresources that are streams: pods/exec, attach, portforward, log, and proxy of pods, services and nodes.
struct StreamEndpoint: Sendable {
    private let relay: StreamRelay
    private let store: any Store
    private let authorizer: (any Authorizer)?

    init(_ relay: StreamRelay, store: any Store, authorizer: (any Authorizer)?) {
        self.relay = relay
        self.store = store
        self.authorizer = authorizer
    }

    /// nil when the request is about something else.
    func respond(
        _ http: HTTPRequest, _ info: RequestInfo, _ attributes: RequestAttributes
    ) async throws -> HTTPResponse? {
        guard info.group.isEmpty, info.version == "v1", !info.name.isEmpty else { return nil }
        let request = StreamRequest(
            method: http.method, headers: http.headers, query: http.query.items.map { ($0.name, $0.value) },
            rawQuery: Self.rawQuery(http.uri), body: http.body)
        // Only a connection of HTTP/1.1 can be upgraded.
        guard request.upgrade == nil || http.connection.protocolVersion == .http1 else {
            throw NodeAgentPath.badRequest("a connection of HTTP/2 cannot be upgraded")
        }
        switch (info.resource, info.subresource) {
        case ("pods", "exec"): return try await open(.exec, info, request, attributes)
        case ("pods", "attach"): return try await open(.attach, info, request, attributes)
        case ("pods", "portforward"): return try await open(.portForward, info, request, attributes)
        case ("pods", "log"):
            guard http.method == "GET" else { throw Status.methodNotAllowed }
            return try await open(.log, info, request, attributes)
        case ("pods", "proxy"), ("services", "proxy"), ("nodes", "proxy"):
            return try await Self.response(proxy(http, info, request))
        default: return nil
        }
    }

    private func open(
        _ verb: NodeAgentPath.Verb, _ info: RequestInfo, _ request: StreamRequest, _ attributes: RequestAttributes
    ) async throws -> HTTPResponse {
        // WebSockets begin with GET, but whoever may only read must not run programs.
        if verb != .log, attributes.verb == "get", let authorizer {
            var create = attributes
            create.verb = "create"
            let decision = await authorizer.authorize(create)
            guard decision.isAllowed else { throw Status.forbidden(create, reason: decision.reason) }
        }
        let answer = try await relay.open(verb, namespace: info.namespace, pod: info.name, request)
        if verb == .log, case .response(let response) = answer, response.head.status != .ok {
            throw await Self.refusal(response)
        }
        return Self.response(answer)
    }

    private func proxy(_ http: HTTPRequest, _ info: RequestInfo, _ request: StreamRequest) async throws -> StreamAnswer
    {
        let path = Self.path(behindProxyOf: http.uri, isNamespaced: !info.namespace.isEmpty)
        switch info.resource {
        case "pods": return try await relay.proxy(namespace: info.namespace, pod: info.name, path: path, request)
        case "nodes": return try await relay.proxy(node: info.name, path: path, request)
        default:
            let objects = StoredObjects(store)
            let name = ProxyName(info.name)?.name ?? info.name
            guard
                let service = try await objects.object(
                    "/registry/services/specs", namespace: info.namespace, name: name)
            else { throw StreamRelay.notFound("services", name) }
            let slices = try await objects.slices(ofService: name, namespace: info.namespace)
            return try await relay.proxy(
                service: service, slices: slices, name: info.name, choice: Int.random(in: 0..<Int.max), path: path,
                request)
        }
    }

    // MARK: - Paths

    private static func rawQuery(_ uri: String) -> String {
        uri.firstIndex(of: "?").map { String(uri[uri.index(after: $0)...]) } ?? ""
    }

    /// What stands behind `…/NAME/proxy`, as the client wrote it.
    static func path(behindProxyOf uri: String, isNamespaced: Bool) -> String {
        let path = uri.prefix { $0 != "?" }
        // api, v1, [namespaces, NAMESPACE,] resource, NAME, proxy
        var slashes = isNamespaced ? 8 : 6
        for index in path.indices where path[index] == "/" {
            slashes -= 1
            if slashes == 0 { return String(path[index...]) }
        }
        return "/"
    }

    // MARK: - Answers

    private static let hopByHop = ["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"]

    private static func response(_ answer: StreamAnswer) -> HTTPResponse {
        switch answer {
        case .empty: return HTTPResponse(status: 204)
        case .response(let response):
            var headers = response.head.headers
            for name in hopByHop + ["content-length"] { headers.remove(name: name) }
            return HTTPResponse(
                status: Int(response.head.status.code), headers: headers,
                body: .relay { writer in
                    defer { response.close() }
                    while let piece = try await response.next() {
                        try await writer.write(Array(piece.readableBytesView))
                    }
                })
        case .refused(let head, let body):
            var headers = head.headers
            for name in hopByHop + ["content-length"] { headers.remove(name: name) }
            return HTTPResponse(status: Int(head.status.code), headers: headers, body: .bytes(body))
        case .upgrade(let headers, let join):
            return HTTPResponse(status: 101, headers: headers, body: .upgrade(join))
        }
    }

    /// The agent's refusal of a log, as a Status.
    private static func refusal(_ response: AgentResponse) async -> Status {
        var bytes: [UInt8] = []
        while bytes.count < UpgradeHandshake.mostRefusalBytes, let piece = try? await response.next() {
            bytes += piece.readableBytesView
        }
        response.close()
        let code = Int(response.head.status.code)
        let reasons = [400: "BadRequest", 403: "Forbidden", 404: "NotFound"]
        return Status(
            code: code, reason: reasons[code] ?? "InternalError", message: String(decoding: bytes, as: UTF8.self))
    }
}

extension StoredObjects {
    /// The EndpointSlices that the service's label selects.
    func slices(ofService name: String, namespace: String) async throws -> [JSONValue] {
        try await list("/registry/endpointslices", namespace: namespace).map(\.object).filter {
            $0["metadata"]?["labels"]?["kubernetes.io/service-name"]?.string == name
        }
    }
}
