import NIOCore
import NIOHTTP2

/// Closes an HTTP/2 connection that has had no stream for a while. Confined to its event loop.
final class IdleStreams: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias InboundOut = HTTP2Frame

    private let patience: TimeAmount
    private var streams = 0
    private var deadline: Scheduled<Void>?

    init(_ patience: TimeAmount) { self.patience = patience }

    func handlerAdded(context: ChannelHandlerContext) { wait(context) }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is NIOHTTP2StreamCreatedEvent:
            streams += 1
            deadline?.cancel()
        case is StreamClosedEvent:
            streams -= 1
            if streams <= 0 { wait(context) }
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func wait(_ context: ChannelHandlerContext) {
        let channel = context.channel
        deadline?.cancel()
        deadline = context.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
    }
}
