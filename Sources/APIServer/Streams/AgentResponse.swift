import NIOCore
import NIOHTTP1

/// An answer whose body is read piece by piece, as fast as its reader takes it.
public struct AgentResponse: Sendable {
    let channel: any Channel
    public let head: HTTPResponseHead

    /// The next piece; nil at the end. Fails when the connection breaks before it.
    public func next() async throws -> ByteBuffer? {
        let promise = channel.eventLoop.makePromise(of: ByteBuffer?.self)
        let channel = channel
        channel.eventLoop.execute {
            do {
                try channel.pipeline.syncOperations.handler(type: PullHandler.self).next(promise)
            } catch {
                promise.fail(error)
            }
        }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            channel.close(promise: nil)
        }
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
    func handlerRemoved(context: ChannelHandlerContext) { finish(.failure(NoAnswer.closed)) }

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
            context.close(promise: nil)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if waiting != nil { context.read() }
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
