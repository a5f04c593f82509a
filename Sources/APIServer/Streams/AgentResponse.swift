import NIOCore
import NIOHTTP1

/// An answer whose body is read piece by piece, as fast as its reader takes it. Its connection ends with it.
public final class AgentResponse: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<PullHandler>
    public let head: HTTPResponseHead

    init(_ channel: any Channel, _ handler: NIOLoopBound<PullHandler>, _ head: HTTPResponseHead) {
        self.channel = channel
        self.handler = handler
        self.head = head
    }

    deinit { close() }

    /// The next piece; nil at the end. Fails when the connection breaks before it.
    public func next() async throws -> ByteBuffer? {
        let promise = channel.eventLoop.makePromise(of: ByteBuffer?.self)
        channel.eventLoop.execute { [handler] in handler.value.next(promise) }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            close()
        }
    }

    /// All of it, or what comes before `limit` is reached; then the connection is closed.
    func body(limit: Int) async throws -> [UInt8] {
        defer { close() }
        var bytes: [UInt8] = []
        while bytes.count < limit, let piece = try await next() { bytes += piece.readableBytesView }
        return bytes
    }

    public func close() { channel.close(promise: nil) }
}

/// Holds the parts of an answer until they are asked for, and reads only then. Confined to its event loop.
final class PullHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private var head: EventLoopPromise<HTTPResponseHead>?
    private var pieces: [ByteBuffer] = []
    private var end: Result<Void, any Error>?
    private var waiting: EventLoopPromise<ByteBuffer?>?
    private var context: ChannelHandlerContext?

    init(_ head: EventLoopPromise<HTTPResponseHead>) { self.head = head }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        finish(.failure(NoAnswer.closed))
    }

    func next(_ promise: EventLoopPromise<ByteBuffer?>) {
        if !pieces.isEmpty { return promise.succeed(pieces.removeFirst()) }
        switch end {
        case .success?: promise.succeed(nil)
        case .failure(let error)?: promise.fail(error)
        case nil:
            waiting = promise
            context?.read()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let answer):
            // From here on only what is asked for.
            _ = context.channel.setOption(.autoRead, value: false)
            head?.succeed(answer)
            head = nil
        case .body(let piece):
            if let waiting {
                self.waiting = nil
                waiting.succeed(piece)
            } else {
                pieces.append(piece)
            }
        case .end:
            finish(.success(()))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if waiting != nil { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { finish(.failure(NoAnswer.closed)) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.failure(NoAnswer(description: "the connection was closed within the answer")))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(.failure(error))
        context.close(promise: nil)
    }

    private func finish(_ result: Result<Void, any Error>) {
        guard end == nil else { return }
        end = result
        if case .failure(let error) = result {
            head?.fail(error)
            waiting?.fail(error)
        } else {
            head?.fail(NoAnswer.closed)
            waiting?.succeed(nil)
        }
        (head, waiting) = (nil, nil)
    }
}
