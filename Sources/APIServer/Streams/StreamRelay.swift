import KubeAPI
import NIOCore
import NIOHTTP1

/// What a client asked of a subresource that somebody else answers.
public struct StreamRequest: Sendable {
    public var method: String
    public var headers: HTTPHeaders
    /// Decoded, in order.
    public var query: [(name: String, value: String)]
    /// As it stands in the URL, without the question mark.
    public var rawQuery: String
    public var body: [UInt8]

    public init(
        method: String, headers: HTTPHeaders, query: [(name: String, value: String)] = [], rawQuery: String = "",
        body: [UInt8] = []
    ) {
        self.method = method
        self.headers = headers
        self.query = query
        self.rawQuery = rawQuery
        self.body = body
    }

    /// `websocket` or `spdy/3.1`, in lower case; nil when the client asks for no other protocol.
    var upgrade: String? {
        guard headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" }) else { return nil }
        return headers.first(name: "upgrade")?.lowercased()
    }
}

/// What the client is answered.
public enum StreamAnswer: Sendable {
    /// There is nothing to show yet: the log of a pod that has no node.
    case empty
    /// The body is read from the response, which must be read to its end or closed.
    case response(AgentResponse)
    /// The other side refused.
    case refused(HTTPResponseHead, body: [UInt8])
    /// Status 101 with these headers; then the client's connection, without its HTTP handlers, goes to `join`, on its
    /// event loop. When that does not come about, the connection to the other side ends with the closure.
    case upgrade(HTTPHeaders, join: @Sendable (any Channel) -> EventLoopFuture<Void>)
}

/// exec, attach, port-forward, log and proxy: leads the client to the node's agent, to a pod or to a service.
public struct StreamRelay: Sendable {
    private let objects: any ObjectSource
    private let client: NodeAgentClient

    public init(_ objects: any ObjectSource, _ client: NodeAgentClient) {
        self.objects = objects
        self.client = client
    }

    /// `…/pods/NAME/exec` and its kin. Throws `Status`.
    public func open(
        _ verb: NodeAgentPath.Verb, namespace: String, pod name: String, _ request: StreamRequest
    ) async throws -> StreamAnswer {
        let pod = try await pod(namespace, name)
        let path = try NodeAgentPath.path(verb, pod: pod, query: request.query)
        if verb == .log, pod["spec"]?["nodeName"]?.string?.isEmpty ?? true { return .empty }
        let location = try await agent(of: pod)
        if verb == .log {
            let log = AgentRequest(method: "GET", uri: path)
            return .response(try await client.send(log, to: location, .agent))
        }
        guard request.upgrade != nil else { throw NodeAgentPath.badRequest("Upgrade request required") }
        if verb == .portForward, let tunnel = WebSocketTunnel.tunnel(offered: request.offeredProtocols) {
            return try await untunnel(request, tunnel.subprotocol, tunnel.inner, path, location)
        }
        let method = request.upgrade == "websocket" ? "GET" : "POST"
        let forwarded = AgentRequest(method: method, uri: path, headers: request.forwardedHeaders, body: [])
        return try await upgrade(forwarded, location, .agent)
    }

    /// `…/nodes/NAME/proxy/PATH`
    public func proxy(node name: String, path: String, _ request: StreamRequest) async throws -> StreamAnswer {
        guard let target = ProxyName(name), let node = try await objects.node(target.name) else {
            throw Self.notFound("nodes", name)
        }
        var location = try NodeAgentLocation(node: node)
        if let port = Int(target.port), (1...65_535).contains(port) { location.port = port }
        return try await proxy(request, path, location, .agent)
    }

    /// `…/pods/[SCHEME:]NAME[:PORT]/proxy/PATH`
    public func proxy(
        namespace: String, pod name: String, path: String, _ request: StreamRequest
    ) async throws -> StreamAnswer {
        guard let target = ProxyName(name) else { throw Self.badName("pod", name) }
        let location = try target.target(pod: try await pod(namespace, target.name))
        return try await proxy(request, path, location, target.isSecure ? .unverified : .none)
    }

    /// `…/services/[SCHEME:]NAME[:PORT]/proxy/PATH`
    /// - Parameters:
    ///   - slices: the service's EndpointSlices.
    ///   - choice: any number, a different one each time.
    public func proxy(
        service: JSONValue, slices: [JSONValue], name: String, choice: Int, path: String, _ request: StreamRequest
    ) async throws -> StreamAnswer {
        guard let target = ProxyName(name) else { throw Self.badName("service", name) }
        let location = try target.target(service: service, slices: slices, choice: choice)
        return try await proxy(request, path, location, target.isSecure ? .unverified : .none)
    }

    // MARK: - Parts

    private func proxy(
        _ request: StreamRequest, _ path: String, _ location: NodeAgentLocation, _ security: NodeAgentClient.Security
    ) async throws -> StreamAnswer {
        let uri = (path.hasPrefix("/") ? path : "/" + path) + (request.rawQuery.isEmpty ? "" : "?" + request.rawQuery)
        let forwarded = AgentRequest(
            method: request.method, uri: uri, headers: request.forwardedHeaders, body: request.body)
        guard request.upgrade == nil else { return try await upgrade(forwarded, location, security) }
        return .response(try await client.send(forwarded, to: location, security))
    }

    private func upgrade(
        _ request: AgentRequest, _ location: NodeAgentLocation, _ security: NodeAgentClient.Security
    ) async throws -> StreamAnswer {
        let upgrade = try await client.upgrade(request, to: location, security)
        guard upgrade.isUpgraded else { return .refused(upgrade.head, body: await upgrade.refusal()) }
        return .upgrade(upgrade.head.headers, join: upgrade.join)
    }

    /// SPDY in a WebSocket: towards the agent it is SPDY alone.
    private func untunnel(
        _ request: StreamRequest, _ subprotocol: String, _ inner: String, _ path: String, _ location: NodeAgentLocation
    ) async throws -> StreamAnswer {
        guard let key = request.headers.first(name: "sec-websocket-key") else {
            throw NodeAgentPath.badRequest("the request to upgrade to a WebSocket has no Sec-WebSocket-Key")
        }
        let spdy: HTTPHeaders = ["Connection": "Upgrade", "Upgrade": "SPDY/3.1", "X-Stream-Protocol-Version": inner]
        let upgrade = try await client.upgrade(
            AgentRequest(method: "POST", uri: path, headers: spdy), to: location, .agent)
        guard upgrade.isUpgraded else { return .refused(upgrade.head, body: await upgrade.refusal()) }
        return .upgrade(
            WebSocketTunnel.answer(key: key, subprotocol: subprotocol),
            join: { channel in
                channel.eventLoop.makeCompletedFuture { try WebSocketTunnel.add(to: channel) }.flatMap {
                    upgrade.join(channel)
                }
            })
    }

    private func pod(_ namespace: String, _ name: String) async throws -> JSONValue {
        guard let pod = try await objects.pod(namespace, name) else { throw Self.notFound("pods", name) }
        return pod
    }

    private func agent(of pod: JSONValue) async throws -> NodeAgentLocation {
        let name = pod["metadata"]?["name"]?.string ?? ""
        guard let node = pod["spec"]?["nodeName"]?.string, !node.isEmpty else {
            throw NodeAgentPath.badRequest("pod \(name) does not have a host assigned")
        }
        guard let object = try await objects.node(node) else { throw Self.notFound("nodes", node) }
        return try NodeAgentLocation(node: object)
    }

    static func notFound(_ resource: String, _ name: String) -> Status {
        var status = Status(code: 404, reason: "NotFound", message: "\(resource) \"\(name)\" not found")
        (status.kind, status.name) = (resource, name)
        return status
    }

    private static func badName(_ kind: String, _ name: String) -> Status {
        NodeAgentPath.badRequest("invalid \(kind) request \"\(name)\"")
    }
}

extension StreamRequest {
    /// The subprotocols of a WebSocket, without the one that carries a token.
    var offeredProtocols: [String] {
        BearerToken.offered(headers["sec-websocket-protocol"]).filter { !$0.hasPrefix(BearerToken.protocolPrefix) }
    }

    /// Without what is meant for the API server alone, and what belongs to one connection (RFC 9110, section 7.6.1);
    /// with the upgrade when there is one.
    var forwardedHeaders: HTTPHeaders {
        let own: Set = [
            "authorization", "host", "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te",
            "trailer", "transfer-encoding", "upgrade", "content-length", "sec-websocket-protocol",
            "x-remote-user", "x-remote-group", "x-remote-uid", "expect",
        ]
        var forwarded = HTTPHeaders()
        for (name, value) in headers {
            let lower = name.lowercased()
            if !own.contains(lower), !lower.hasPrefix("impersonate-"), !lower.hasPrefix("x-remote-extra-") {
                forwarded.add(name: name, value: value)
            }
        }
        if upgrade != nil {
            forwarded.add(name: "Connection", value: "Upgrade")
            forwarded.add(name: "Upgrade", value: headers.first(name: "upgrade") ?? "")
            let offered = offeredProtocols
            if !offered.isEmpty {
                forwarded.add(name: "Sec-WebSocket-Protocol", value: offered.joined(separator: ", "))
            }
        }
        return forwarded
    }
}
