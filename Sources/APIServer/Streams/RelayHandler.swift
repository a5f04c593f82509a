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
    private var isInactive = false

    /// - Parameter partner: the other connection; it may be on another event loop.
    init(partner: any Channel) { self.partner = partner }

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
        if isInactive || isInputClosed {
            endWhenWritten()
        } else if pending == 0 {
            context.read()
        }
    }

    /// Closing at once would lose what the partner has not taken yet.
    private func endWhenWritten() {
        guard pending == 0 else { return }
        partner.close(mode: isInactive ? .all : .output, promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // A read that brought no bytes, such as a record of the TLS handshake.
        if pending == 0, !isInputClosed, !isInactive { context.read() }
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            isInputClosed = true
            endWhenWritten()
        // The server ends, and a stream may last for ever.
        case is ChannelShouldQuiesceEvent: context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isInactive = true
        endWhenWritten()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
