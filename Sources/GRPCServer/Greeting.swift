import NIOCore

/// The first bytes of a connection: HTTP/2 begins with `PRI` (RFC 9113, 3.4), which is no method of HTTP/1. A client that
/// speaks the latter is told so in its own terms.
final class Greeting: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let http2 = Array("PRI".utf8)

    private let patience: TimeAmount
    private let begin: (ChannelPipeline.SynchronousOperations, Greeting) throws -> Void
    private var seen = ByteBuffer()
    private var deadline: Scheduled<Void>?
    private var isOver = false

    /// `begin` adds the handlers of HTTP/2 behind this one.
    init(patience: TimeAmount, begin: @escaping (ChannelPipeline.SynchronousOperations, Greeting) throws -> Void) {
        self.patience = patience
        self.begin = begin
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        seen.writeImmutableBuffer(unwrapInboundIn(data))
        guard seen.readableBytes >= Self.http2.count else { return }
        isOver = true
        guard seen.readableBytesView.starts(with: Self.http2) else { return refuse(context) }
        do {
            try begin(context.pipeline.syncOperations, self)
            context.fireChannelRead(wrapInboundOut(seen))
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    private func refuse(_ context: ChannelHandlerContext) {
        let text = "this port serves gRPC, over HTTP/2 from the first byte on\n"
        let answer =
            "HTTP/1.1 505 HTTP Version Not Supported\r\nContent-Type: text/plain; charset=utf-8\r\n"
            + "Content-Length: \(text.utf8.count)\r\nConnection: close\r\n\r\n\(text)"
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer))).whenComplete { _ in
            channel.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent, is EndOfCalls: context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
