import KubeAPI
import NIOCore
import NIOHTTP1
import NIOSSL

/// One request after the other on a connection: asks who it is, then has it answered. Confined to its event loop.
final class AgentRequestHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let access: AgentAccess
    private let routes: AgentRoutes
    private var head: HTTPRequestHead?
    private var task: Task<Void, Never>?

    init(_ access: AgentAccess, _ routes: AgentRoutes) {
        self.access = access
        self.routes = routes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        // Nothing that is served takes a body.
        case .body: break
        case .end:
            guard let head else { return }
            self.head = nil
            let writer = AgentResponseWriter(context.channel, closes: !head.isKeepAlive)
            task = Self.start(head, context.channel, access, routes, writer)
        }
    }

    private static func start(
        _ head: HTTPRequestHead, _ channel: any Channel, _ access: AgentAccess, _ routes: AgentRoutes,
        _ writer: AgentResponseWriter
    ) -> Task<Void, Never> {
        Task {
            let shown = try? await channel.nioSSL_peerCertificate().get()
            let certificate = try? shown?.toDERBytes()
            await answer(head, certificate, access, routes, writer)
        }
    }

    private static func answer(
        _ head: HTTPRequestHead, _ certificate: [UInt8]?, _ access: AgentAccess, _ routes: AgentRoutes,
        _ writer: AgentResponseWriter
    ) async {
        let path = AgentPath(head.uri)
        let decision = await access.decide(
            certificate: certificate, authorization: head.headers.first(name: "authorization"),
            method: head.method.rawValue, path: path.path)
        do {
            switch decision {
            case .allowed: try await routes.answer(head.method, path, writer)
            case .unauthenticated: try await writer.text(.unauthorized, "Unauthorized")
            case .forbidden(let why): try await writer.text(.forbidden, why)
            }
        } catch {
            writer.abort()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        task?.cancel()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// The answer to one request. A connection that is gone makes every call throw.
struct AgentResponseWriter: Sendable {
    private let channel: any Channel
    private let closes: Bool

    init(_ channel: any Channel, closes: Bool) {
        self.channel = channel
        self.closes = closes
    }

    func text(_ status: HTTPResponseStatus, _ text: String) async throws {
        try await whole(status, Array((text + "\n").utf8), "text/plain; charset=utf-8")
    }

    func json(_ value: JSONValue) async throws { try await whole(.ok, JSONWriter.bytes(value), "application/json") }

    func whole(_ status: HTTPResponseStatus, _ bytes: [UInt8], _ type: String) async throws {
        try await begin(status, type, length: bytes.count)
        try await body(bytes)
        try await end()
    }

    /// Without a length the body comes in chunks.
    func begin(_ status: HTTPResponseStatus, _ type: String, length: Int? = nil) async throws {
        var headers: HTTPHeaders = ["Content-Type": type]
        if let length {
            headers.add(name: "Content-Length", value: "\(length)")
        } else {
            headers.add(name: "Transfer-Encoding", value: "chunked")
        }
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        try await channel.writeAndFlush(HTTPServerResponsePart.head(head)).get()
    }

    func body(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes)))).get()
    }

    func end() async throws {
        try await channel.writeAndFlush(HTTPServerResponsePart.end(nil)).get()
        if closes { channel.close(promise: nil) }
    }

    var isOpen: Bool { channel.isActive }

    func abort() { channel.close(promise: nil) }
}
