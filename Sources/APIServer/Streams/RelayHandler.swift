import NIOCore

/// One end of a relay between two connections: what comes in here goes out there. It reads on when the other end has
/// taken everything, so a slow peer slows its own connection alone, and at most one read is held.
///
/// Half-close is passed on: a client that has sent its input still hears the output.
final class RelayHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let partner: any Channel
    /// Writes that the partner has not taken yet.
    private var pending = 0
    private var isInputClosed = false

    /// - Parameter partner: the other connection; it may be on another event loop.
    init(partner: any Channel) { self.partner = partner }

    /// Puts handlers on both ends, which must not read by themselves any more, and starts them. `rest`: what has come
    /// from `b` already.
    static func join(_ a: any Channel, _ b: any Channel, rest: ByteBuffer = ByteBuffer()) -> EventLoopFuture<Void> {
        func add(_ channel: any Channel, partner: any Channel) -> EventLoopFuture<Void> {
            channel.eventLoop.submit {
                try channel.pipeline.syncOperations.addHandler(RelayHandler(partner: partner))
            }
        }
        return add(a, partner: b).and(add(b, partner: a)).flatMap { _ in
            guard rest.readableBytes > 0 else { return a.eventLoop.makeSucceededVoidFuture() }
            return a.writeAndFlush(rest)
        }.map {
            a.read()
            b.read()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        pending += 1
        let reading = NIOLoopBound(Reading(handler: self, context: context), eventLoop: context.eventLoop)
        partner.writeAndFlush(unwrapInboundIn(data)).hop(to: context.eventLoop).whenComplete { result in
            let reading = reading.value
            reading.handler.written(reading.context, result)
        }
    }

    private struct Reading {
        let handler: RelayHandler
        let context: ChannelHandlerContext
    }

    private func written(_ context: ChannelHandlerContext, _ result: Result<Void, any Error>) {
        pending -= 1
        guard case .success = result else { return context.close(promise: nil) }
        guard pending == 0 else { return }
        if isInputClosed {
            partner.close(mode: .output, promise: nil)
        } else {
            context.read()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // A read that brought no bytes, such as a record of the TLS handshake.
        if pending == 0, !isInputClosed { context.read() }
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? ChannelEvent, event == .inputClosed else {
            return context.fireUserInboundEventTriggered(event)
        }
        isInputClosed = true
        if pending == 0 { partner.close(mode: .output, promise: nil) }
    }

    /// Written bytes are still sent: closing comes behind them.
    func channelInactive(context: ChannelHandlerContext) {
        partner.close(promise: nil)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
