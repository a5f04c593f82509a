import NIOCore
import NIOHTTP1

/// One client's connection: reads a request, asks its route, writes the answer; one deadline is always running.
final class HTTPConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let routes: HTTPRoutes
    private let limits: HTTPLimits
    private let connections: HTTPConnections
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var deadline: Scheduled<Void>?
    /// Set once a refusal is written: whatever still comes is thrown away, so that the client gets to read why.
    private var isRefused = false
    private static let drainTime = Duration.seconds(1)

    init(_ routes: HTTPRoutes, _ limits: HTTPLimits, _ connections: HTTPConnections) {
        self.routes = routes
        self.limits = limits
        self.connections = connections
    }

    func channelActive(context: ChannelHandlerContext) {
        setDeadline(limits.readTimeout, context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
            setDeadline(limits.readTimeout, context)
        case .body(let part):
            guard head != nil else { return }
            body.append(contentsOf: part.readableBytesView)
            if body.count > limits.bodyBytes { refuse(413, "request body too large\n", context) }
        case .end:
            guard let head else { return }
            answer(head, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case _ where isRefused: break
        case HTTPParserError.headerOverflow: refuse(431, "request header fields too large\n", context)
        case is HTTPParserError: refuse(400, "bad request\n", context)
        default: context.close(promise: nil)
        }
    }

    // MARK: - Answers

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let target = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let request = HTTPRequest(
            method: head.method.rawValue, path: target.first.map(String.init) ?? "",
            query: target.count > 1 ? String(target[1]) : "",
            headers: head.headers.map { HTTPHeader($0.name, $0.value) }, body: body,
            ports: SocketOwner.Ports(
                client: UInt16(clamping: context.remoteAddress?.port ?? 0),
                server: UInt16(clamping: context.localAddress?.port ?? 0)))
        self.head = nil
        body = []
        connections.note(.answering, context.channel)
        let isHead = head.method == .HEAD
        switch routes.action(method: request.method, path: request.path) {
        case .immediate(let handler):
            write(handler(request), isHead: isHead, keepAlive: head.isKeepAlive, context)
        case .later(let handler):
            deadline?.cancel()
            let connection = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            let loop = context.eventLoop
            handler(request) { response in
                loop.execute {
                    let (handler, context) = connection.value
                    guard context.channel.isActive else { return }
                    handler.write(response, isHead: isHead, keepAlive: head.isKeepAlive, context)
                }
            }
        }
    }

    /// Answers before the request is complete, and closes.
    private func refuse(_ status: Int, _ text: String, _ context: ChannelHandlerContext) {
        isRefused = true
        head = nil
        body = []
        write(.text(text, status: status), isHead: false, keepAlive: false, context)
    }

    private func write(_ response: HTTPResponse, isHead: Bool, keepAlive: Bool, _ context: ChannelHandlerContext) {
        var headers = HTTPHeaders(response.headers.map { ($0.name, $0.value) })
        headers.replaceOrAdd(name: "Content-Length", value: "\(response.body.count)")
        if !keepAlive { headers.replaceOrAdd(name: "Connection", value: "close") }
        setDeadline(limits.writeTimeout, context)
        let status = HTTPResponseStatus(statusCode: response.status)
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
        if !isHead, !response.body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: response.body)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { [self] result in
            if case .success = result, keepAlive, context.channel.isActive {
                connections.note(.idle, context.channel)
                if head == nil { setDeadline(limits.idleTimeout, context) }
            } else if case .success = result, isRefused, context.channel.isActive {
                context.close(mode: .output, promise: nil)
                setDeadline(Self.drainTime, context)
            } else {
                context.close(promise: nil)
            }
        }
    }

    private func setDeadline(_ timeout: Duration, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(timeout)) {
            context.close(promise: nil)
        }
    }
}
