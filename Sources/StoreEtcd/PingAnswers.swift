import HTTP2Frames
import NIOCore
import NIOHTTP2

/// Answers the PINGs of a server in Go before NIOHTTP2 counts them: such a server sends one with almost every request that
/// it reads, to measure the round trip (grpc-go's bandwidth-delay estimator), and NIOHTTP2 ends a connection that has 200
/// in 30 seconds, which the gRPC transport has no setting for. Stands before the HTTP/2 handler, and gives it whole frames
/// as `WholeFrames` does.
final class PingAnswers: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var cutter = FrameCutter()

    /// Puts one into a connection of the gRPC transport that has not begun.
    static func add(to channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(
                PingAnswers(), position: .before(try pipeline.handler(type: NIOHTTP2Handler.self)))
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var answers = ByteBuffer()
        for frame in cutter.cut(unwrapInboundIn(data)) {
            if let answer = Self.answer(to: frame) {
                answers.writeImmutableBuffer(answer)
            } else {
                context.fireChannelRead(wrapInboundOut(frame))
            }
        }
        if answers.readableBytes > 0 { context.writeAndFlush(wrapOutboundOut(answers), promise: nil) }
    }

    /// Length 8, type PING.
    private static let start: [UInt8] = [0, 0, 8, 6]
    private static let acknowledgement: UInt8 = 1

    /// nil for what is no PING that asks (RFC 9113, section 6.7); one of another length is an error, which NIOHTTP2 finds.
    static func answer(to frame: ByteBuffer) -> ByteBuffer? {
        let bytes = Array(frame.readableBytesView.prefix(17))
        guard bytes.starts(with: start), bytes.count == 17, bytes[4] & acknowledgement == 0 else { return nil }
        return ByteBuffer(bytes: start + [acknowledgement, 0, 0, 0, 0] + bytes[9...])
    }
}
