import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// An API server that does what a test tells it to, request by request, on a loopback port.
public final class FakeAPIServer: Sendable {
    public struct Request: Sendable {
        public let method: String
        public let path: String
        public let query: [String: String]
        public let headers: HTTPHeaders
        public let body: String

        public var isWatch: Bool { query["watch"] == "1" }
        public var isInitialWatch: Bool { query["sendInitialEvents"] == "true" }
        public var token: String? { headers.first(name: "Authorization") }
    }

    public typealias Script = @Sendable (Request, Exchange) async throws -> Void

    private let script: Script
    private let log = Mutex<[Request]>([])
    private let channel = Mutex<(any Channel)?>(nil)
    private let children = Mutex<[ObjectIdentifier: any Channel]>([:])
    public let host: String
    private let tls: NIOSSLContext?

    public init(host: String = "127.0.0.1", tls: NIOSSLContext? = nil, script: @escaping Script) {
        self.host = host
        self.tls = tls
        self.script = script
    }

    public var requests: [Request] { log.withLock { $0 } }
    public var connections: Int { children.withLock { $0.count } }
    public var port: Int { channel.withLock { $0?.localAddress?.port } ?? 0 }

    /// Listens on `port`, 0 for any.
    public func start(port: Int = 0) async throws {
        let listening = try await bootstrap.bind(host: host, port: port).get()
        channel.withLock { $0 = listening }
    }

    /// Takes over a listening socket, which may belong to another network namespace.
    public func start(adopting socket: CInt) async throws {
        let listening = try await bootstrap.withBoundSocket(socket).get()
        channel.withLock { $0 = listening }
    }

    private var bootstrap: ServerBootstrap {
        ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls = self.tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: false)
                    try pipeline.addHandler(RequestHandler(server: self))
                }
            }
    }

    /// Closes the port and breaks every connection.
    public func stop() async {
        let listening = channel.withLock { channel in
            defer { channel = nil }
            return channel
        }
        try? await listening?.close()
        for child in children.withLock({ Array($0.values) }) { try? await child.close() }
    }

    fileprivate func opened(_ channel: any Channel) { children.withLock { $0[ObjectIdentifier(channel)] = channel } }
    fileprivate func closed(_ channel: any Channel) {
        _ = children.withLock { $0.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    fileprivate func serve(_ request: Request, _ exchange: Exchange) {
        log.withLock { $0.append(request) }
        Task { try? await script(request, exchange) }
    }

    /// The answering side of one request.
    public struct Exchange: Sendable {
        fileprivate let channel: any Channel

        public func head(_ status: Int = 200, headers: [(String, String)] = []) async throws {
            let head = HTTPResponseHead(
                version: .http1_1, status: .init(statusCode: status), headers: HTTPHeaders(headers))
            try await channel.writeAndFlush(HTTPServerResponsePart.head(head))
        }

        public func write(_ text: String) async throws {
            try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: text))))
        }

        public func line(_ text: String) async throws { try await write(text + "\n") }

        public func end() async throws { try await channel.writeAndFlush(HTTPServerResponsePart.end(nil)) }

        /// Breaks the connection without ending the answer.
        public func drop() async throws { try await channel.close() }

        /// A whole answer.
        public func reply(_ status: Int = 200, _ body: String, headers: [(String, String)] = []) async throws {
            try await head(status, headers: headers + [("Content-Length", String(body.utf8.count))])
            try await write(body)
            try await end()
        }

        /// An error answer as the real server writes it.
        public func refuse(_ code: Int, _ reason: String, headers: [(String, String)] = [], details: String = "{}")
            async throws
        {
            try await reply(code, FakeAPIServer.status(code, reason, details: details), headers: headers)
        }

        /// Keeps the answer open until the connection goes away.
        public func hold() async throws { try await channel.closeFuture.get() }
    }

    public static func status(_ code: Int, _ reason: String, details: String = "{}") -> String {
        """
        {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"told to fail",\
        "reason":"\(reason)","details":\(details),"code":\(code)}
        """
    }
}

private final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let server: FakeAPIServer
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    init(server: FakeAPIServer) { self.server = server }

    func channelActive(context: ChannelHandlerContext) { server.opened(context.channel) }
    func channelInactive(context: ChannelHandlerContext) { server.closed(context.channel) }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.clear()
        case .body(let chunk): body.writeImmutableBuffer(chunk)
        case .end:
            guard let head else { return }
            let (path, query) = Self.parse(head.uri)
            let request = FakeAPIServer.Request(
                method: head.method.rawValue, path: path, query: query, headers: head.headers,
                body: String(buffer: body))
            server.serve(request, FakeAPIServer.Exchange(channel: context.channel))
        }
    }

    private static func parse(_ uri: String) -> (String, [String: String]) {
        let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var query: [String: String] = [:]
        for pair in parts.dropFirst().joined().split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[String(sides[0])] = sides.count > 1 ? unescaped(sides[1]) : ""
        }
        return (String(parts[0]), query)
    }

    private static func unescaped(_ text: Substring) -> String {
        var (bytes, rest) = ([UInt8](), Array(text.utf8)[...])
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
