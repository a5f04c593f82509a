import KubeAPI
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// A request as it goes to a node agent, or to what a proxy leads to.
public struct AgentRequest: Sendable {
    public var method: String
    /// Path and query.
    public var uri: String
    public var headers: HTTPHeaders
    public var body: [UInt8]

    public init(method: String, uri: String, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.method = method
        self.uri = uri
        self.headers = headers
        self.body = body
    }
}

/// Opens connections to node agents, pods and services; one per request.
public final class NodeAgentClient: Sendable {
    public enum Security: Sendable {
        /// With the API server's client certificate.
        case agent
        /// TLS with whoever answers.
        case unverified
        case none
    }

    static let connectTimeout = TimeAmount.seconds(10)
    /// From the request to the head of the answer.
    static let headTimeout = TimeAmount.seconds(30)

    private let group: any EventLoopGroup
    private let tls: NodeAgentTLS

    public init(group: any EventLoopGroup, tls: NodeAgentTLS) {
        self.group = group
        self.tls = tls
    }

    /// Sends a request whose answer is HTTP. Throws `Status` 502 or 503 when nobody answers.
    public func send(
        _ request: AgentRequest, to location: NodeAgentLocation, _ security: Security
    ) async throws -> AgentResponse {
        let opened = try await connect(location, security) { channel, head in
            let handler = PullHandler(head)
            try channel.pipeline.syncOperations.addHTTPClientHandlers()
            try channel.pipeline.syncOperations.addHandler(handler)
            return handler
        }
        let channel = opened.channel
        channel.write(HTTPClientRequestPart.head(head(request, location)), promise: nil)
        if !request.body.isEmpty {
            channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: request.body))), promise: nil)
        }
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        return AgentResponse(channel, opened.handler, try await answer(opened, location))
    }

    /// Sends a request that asks for another protocol (RFC 9110, section 7.8).
    public func upgrade(
        _ request: AgentRequest, to location: NodeAgentLocation, _ security: Security
    ) async throws -> AgentUpgrade {
        let opened = try await connect(location, security) { channel, head in
            let handler = UpgradeHandshake(head)
            try channel.pipeline.syncOperations.addHandler(handler)
            return handler
        }
        let head = head(request, location)
        var text = "\(head.method.rawValue) \(head.uri) HTTP/1.1\r\n"
        for (name, value) in head.headers { text += "\(name): \(value)\r\n" }
        var bytes = ByteBuffer(string: text + "\r\n")
        bytes.writeBytes(request.body)
        opened.channel.writeAndFlush(bytes, promise: nil)
        return AgentUpgrade(opened.channel, opened.handler, try await answer(opened, location))
    }

    private func head(_ request: AgentRequest, _ location: NodeAgentLocation) -> HTTPRequestHead {
        var headers = request.headers
        let host = location.host.contains(":") ? "[\(location.host)]" : location.host
        headers.replaceOrAdd(name: "Host", value: "\(host):\(location.port)")
        if !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method) {
            headers.replaceOrAdd(name: "Content-Length", value: String(request.body.count))
        }
        return HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: request.method), uri: request.uri, headers: headers)
    }

    private struct Opened<Handler> {
        let channel: any Channel
        let handler: NIOLoopBound<Handler>
        let head: EventLoopFuture<HTTPResponseHead>
    }

    private func connect<Handler>(
        _ location: NodeAgentLocation, _ security: Security,
        _ configure: @escaping @Sendable (any Channel, EventLoopPromise<HTTPResponseHead>) throws -> Handler
    ) async throws -> Opened<Handler> {
        let context: NIOSSLContext? =
            switch security {
            case .agent: tls.context
            case .unverified: tls.unverified
            case .none: nil
            }
        let loop = group.next()
        let head = loop.makePromise(of: HTTPResponseHead.self)
        let handler = loop.makePromise(of: NIOLoopBound<Handler>.self)
        do {
            let channel = try await ClientBootstrap(group: loop).connectTimeout(Self.connectTimeout)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .channelOption(.socketOption(.so_keepalive), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if let context {
                            let name = Self.isAddress(location.host) ? nil : location.host
                            try channel.pipeline.syncOperations.addHandler(
                                NIOSSLClientHandler(context: context, serverHostname: name))
                        }
                        handler.succeed(NIOLoopBound(try configure(channel, head), eventLoop: channel.eventLoop))
                    }
                }.connect(host: location.host, port: location.port).get()
            return Opened(
                channel: channel, handler: try await handler.futureResult.get(), head: head.futureResult)
        } catch {
            head.fail(error)
            handler.fail(error)
            throw Self.unreachable(location, error)
        }
    }

    private static func isAddress(_ host: String) -> Bool {
        host.contains(":") || host.allSatisfy { $0 == "." || $0.isNumber }
    }

    private func answer<Handler>(
        _ opened: Opened<Handler>, _ location: NodeAgentLocation
    ) async throws -> HTTPResponseHead {
        let channel = opened.channel
        let deadline = channel.eventLoop.scheduleTask(in: Self.headTimeout) { channel.close(promise: nil) }
        defer { deadline.cancel() }
        do {
            return try await withTaskCancellationHandler {
                try await opened.head.get()
            } onCancel: {
                channel.close(promise: nil)
            }
        } catch {
            channel.close(promise: nil)
            throw Self.unreachable(location, error)
        }
    }

    private static func unreachable(_ location: NodeAgentLocation, _ error: any Error) -> Status {
        Status(
            code: 503, reason: "ServiceUnavailable",
            message: "error trying to reach service: \(location.host):\(location.port): \(error)")
    }
}

/// The connection ended before the head of an answer came, or it was no HTTP.
struct NoAnswer: Error, CustomStringConvertible {
    let description: String

    static let closed = NoAnswer(description: "the connection was closed before an answer came")
}
