import NIOCore
import NIOHTTP2

/// Gives NIO's HTTP/2 decoder one whole frame at a time. Otherwise it keeps all that it has read since a read last ended
/// with a frame, and copies it at each further read while anybody holds a part of it: a list of 30 MB cost seconds.
public final class WholeFrames: ChannelInboundHandler {
    public typealias InboundIn = ByteBuffer
    public typealias InboundOut = ByteBuffer

    private var cutter = FrameCutter()

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        for frame in cutter.cut(unwrapInboundIn(data)) { context.fireChannelRead(wrapInboundOut(frame)) }
    }

    /// For a connection whose settings have come, and nothing else yet; on its event loop.
    @Sendable public static func add(to channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: NIOHTTP2Handler.self)
            try pipeline.addHandler(WholeFrames(), position: .before(decoder))
        }
    }
}
