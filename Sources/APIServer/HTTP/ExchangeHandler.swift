import NIOCore
import NIOHTTP1

/// The end of a pipeline that sees whole requests: an HTTP/1.1 connection, or one stream of HTTP/2. Collects a request,
/// has it answered in a task, and writes the answer. Confined to its event loop.
final class ExchangeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case idle
        case receiving(HTTPRequestHead, ByteBuffer)
        /// The answer is made or written; `closes`: the connection ends with it.
        case answering(isHead: Bool, closes: Bool)
        /// The rest of a request that was refused while it came is thrown away.
        case refused
        case upgraded
    }

    private let server: HTTPServer
    private let connection: ConnectionInfo
    private var state = State.idle
    private var context: ChannelHandlerContext?
    private var task: Task<Void, Never>?
    /// How many have come.
    private var requests = 0
    private var deadline = MovingDeadline()
    /// How long a piece of the answer may wait for the client.
    private var patience: TimeAmount?

    init(_ server: HTTPServer, _ connection: ConnectionInfo) {
        self.server = server
        self.connection = connection
    }

    private var limits: HTTPLimits { server.limits }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        limit(limits.head)
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    /// A client that resets, or speaks no HTTP.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func end() {
        task?.cancel()
        task = nil
        deadline.end()
        context = nil
    }

    /// Closes the connection when nothing moves it on before.
    private func limit(_ time: TimeAmount?) {
        guard let context else { return }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        deadline.set(time, on: context.eventLoop) { bound.value.lookAtDeadline() }
    }

    private func lookAtDeadline() {
        guard let context else { return }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        if deadline.isOver(on: context.eventLoop, look: { bound.value.lookAtDeadline() }) {
            context.channel.close(promise: nil)
        }
    }

    // MARK: Request

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What came behind the request belongs to the new protocol, whose handlers follow.
        if case .upgraded = state { return context.fireChannelRead(data) }
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head)
        case .body(let piece): add(piece)
        case .end: finish()
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        guard case .idle = state else { return }
        limit(limits.body)
        if let length = head.headers.first(name: "content-length").flatMap(Int.init), length > limits.bodyBytes {
            return refuse(head)
        }
        state = .receiving(head, ByteBuffer())
        if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
            context?.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: .continue))), promise: nil)
        }
    }

    private func add(_ piece: ByteBuffer) {
        guard case .receiving(let head, var body) = state else { return }
        // So that the bytes are not copied.
        state = .idle
        if body.readableBytes + piece.readableBytes > limits.bodyBytes { return refuse(head) }
        var piece = piece
        if body.readableBytes == 0 { body = piece } else { body.writeBuffer(&piece) }
        state = .receiving(head, body)
    }

    private func refuse(_ head: HTTPRequestHead) {
        state = .refused
        let response = server.tooLarge(limits.bodyBytes)
        guard case .bytes(let bytes) = response.body else { return }
        writeHead(response, version: head.version, length: bytes.count, closes: true)
        write(bytes, isHead: head.method == .HEAD)
        closeAfterFlush()
    }

    private func finish() {
        guard case .receiving(let head, let body) = state, let context else { return }
        limit(nil)
        state = .answering(isHead: head.method == .HEAD, closes: !head.isKeepAlive)
        let request = HTTPRequest(
            method: head.method.rawValue, uri: head.uri, headers: head.headers, body: Array(body.readableBytesView),
            connection: connection)
        let exchange = NIOLoopBound(self, eventLoop: context.eventLoop)
        let writer = ResponseWriter(context.channel, exchange)
        let loop = context.eventLoop
        let version = head.version
        requests += 1
        let number = requests
        task = Task { [server] in
            let response = await server.respond(request)
            switch response.body {
            case .bytes(let bytes):
                loop.execute { exchange.value.answer(response, bytes, version) }
            case .upgrade(let take):
                loop.execute { exchange.value.upgrade(response, take) }
            case .stream(_, let write), .relay(let write):
                let patience = response.body.isRelayed ? nil : server.limits.write
                loop.execute { exchange.value.beginStream(response, version, patience: patience) }
                // A task of its own: this one holds on to all the stack that the request took, for hours.
                let writing = server.run(isLong: response.body.isLong) {
                    do {
                        try await write(writer)
                        loop.execute { exchange.value.endStream(isWhole: true) }
                    } catch {
                        loop.execute { exchange.value.endStream(isWhole: false) }
                    }
                }
                loop.execute { exchange.value.follow(writing, of: number) }
            }
        }
    }

    /// What writes the answer ends with the client.
    private func follow(_ writing: Task<Void, Never>, of request: Int) {
        guard request == requests, case .answering = state, context != nil else { return writing.cancel() }
        task = writing
    }

    // MARK: Answer

    private func writeHead(_ response: HTTPResponse, version: HTTPVersion, length: Int?, closes: Bool) {
        var headers = response.headers
        if let length { headers.replaceOrAdd(name: "Content-Length", value: String(length)) }
        if closes, connection.protocolVersion == .http1 {
            headers.replaceOrAdd(name: "Connection", value: "close")
        }
        if !headers.contains(name: "date") { headers.add(name: "Date", value: server.date()) }
        let head = HTTPResponseHead(
            version: version, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
        context?.write(wrapOutboundOut(.head(head)), promise: nil)
    }

    private func write(_ bytes: [UInt8], isHead: Bool) {
        guard let context else { return }
        if !isHead, !bytes.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
        }
    }

    private func answer(_ response: HTTPResponse, _ bytes: [UInt8], _ version: HTTPVersion) {
        guard case .answering(let isHead, let isLast) = state else { return }
        let closes = isLast || server.isShuttingDown
        writeHead(response, version: version, length: bytes.count, closes: closes)
        write(bytes, isHead: isHead)
        finishAnswer(closes: closes)
    }

    private func beginStream(_ response: HTTPResponse, _ version: HTTPVersion, patience: TimeAmount?) {
        guard case .answering(_, let closes) = state else { return }
        self.patience = patience
        writeHead(response, version: version, length: nil, closes: closes)
        context?.flush()
    }

    /// `done`: when the network has taken the piece; without it nobody waits.
    func writeBody(_ bytes: ByteBuffer, _ done: EventLoopPromise<Void>?) {
        guard case .answering(let isHead, _) = state, let context else {
            done?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        guard !isHead else {
            done?.succeed()
            return
        }
        if let done {
            limit(patience)
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            done.futureResult.whenComplete { _ in bound.value.limit(nil) }
        }
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: done)
    }

    private func endStream(isWhole: Bool) {
        guard case .answering(_, let closes) = state, let context else { return }
        guard isWhole else { return context.close(promise: nil) }
        finishAnswer(closes: closes || server.isShuttingDown)
    }

    private func finishAnswer(closes: Bool) {
        task = nil
        if closes || connection.protocolVersion == .http2 { return closeAfterFlush() }
        state = .idle
        context?.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        limit(limits.idle)
    }

    /// An HTTP/2 stream is over with its answer, and closes by itself when the client has sent all.
    private func closeAfterFlush() {
        guard let context else { return }
        state = .refused
        let done = context.eventLoop.makePromise(of: Void.self)
        let channel = context.channel
        if connection.protocolVersion == .http1 {
            done.futureResult.whenComplete { _ in channel.close(promise: nil) }
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: done)
        limit(limits.head)
    }

    // MARK: Upgrade

    /// Sends the head, takes HTTP out of the pipeline and hands the channel over.
    private func upgrade(_ response: HTTPResponse, _ take: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>) {
        guard case .answering = state, let context, connection.protocolVersion == .http1 else {
            self.context?.close(promise: nil)
            return
        }
        state = .upgraded
        limit(nil)
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: response.status), headers: response.headers)
        let channel = context.channel
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.head(head)))
            .flatMap { HTTP1Pipeline.removeHandlers(channel, butDecoder: true) }
            .flatMap { take(channel) }
            .flatMap { channel.eventLoop.makeCompletedFuture { bound.value.task = nil } }
            .flatMap { HTTP1Pipeline.removeHandlers(channel, butDecoder: false) }
            .flatMap { channel.pipeline.syncOperations.removeHandler(bound.value) }
            .whenFailure { _ in channel.close(promise: nil) }
    }
}
