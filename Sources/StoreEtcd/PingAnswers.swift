import NIOCore
import NIOHTTP2

/// Answers the PINGs of a server in Go before NIOHTTP2 counts them: such a server sends one with almost every request that
/// it reads, to measure the round trip (grpc-go's bandwidth-delay estimator), and NIOHTTP2 ends a connection that has 200
/// in 30 seconds, which the gRPC transport has no setting for. Stands before the HTTP/2 handler.
final class PingAnswers: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var filter = PingFilter()

    /// Puts one into a connection of the gRPC transport.
    static func add(to channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(
                PingAnswers(), position: .before(try pipeline.handler(type: NIOHTTP2Handler.self)))
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let (rest, pings) = filter.take(unwrapInboundIn(data))
        if !pings.isEmpty {
            var answers = context.channel.allocator.buffer(capacity: pings.count * 17)
            for ping in pings { answers.writeImmutableBuffer(PingFilter.answer(to: ping)) }
            context.writeAndFlush(wrapOutboundOut(answers), promise: nil)
        }
        if rest.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(rest)) }
    }
}

/// Takes PING frames out of a stream of HTTP/2 frames (RFC 9113, sections 4.1 and 6.7).
struct PingFilter {
    private static let headerBytes = 9
    private static let pingBytes = 8
    private static let pingType: UInt8 = 6
    private static let acknowledgement: UInt8 = 1

    /// Bytes of the frame that passes.
    private var left = 0
    /// The beginning of a frame of which nobody can say yet whether it is a PING.
    private var held = ByteBuffer()

    /// What is no PING, and the eight bytes of each PING that wants an answer.
    mutating func take(_ bytes: ByteBuffer) -> (rest: ByteBuffer, pings: [ByteBuffer]) {
        var input = bytes
        if held.readableBytes > 0 {
            held.writeBuffer(&input)
            input = held
            held = ByteBuffer()
        }
        var rest = ByteBuffer()
        var pings: [ByteBuffer] = []
        while input.readableBytes > 0 {
            if left > 0 {
                let count = min(left, input.readableBytes)
                left -= count
                rest.add(input.readSlice(length: count))
            } else if let ping = Self.readPing(&input) {
                pings.append(ping)
            } else if let length = Self.frameBytes(input) {
                left = length
            } else {
                held = input
                break
            }
        }
        return (rest, pings)
    }

    static func answer(to ping: ByteBuffer) -> ByteBuffer {
        var frame = ByteBuffer(bytes: [0, 0, UInt8(pingBytes), pingType, acknowledgement, 0, 0, 0, 0])
        frame.writeImmutableBuffer(ping)
        return frame
    }

    /// With its header; nil while that cannot be told.
    private static func frameBytes(_ input: ByteBuffer) -> Int? {
        guard let header = input.getBytes(at: input.readerIndex, length: headerBytes) else { return nil }
        guard !isPing(header) || input.readableBytes >= headerBytes + pingBytes else { return nil }
        return headerBytes + length(header)
    }

    private static func readPing(_ input: inout ByteBuffer) -> ByteBuffer? {
        guard let header = input.getBytes(at: input.readerIndex, length: headerBytes), isPing(header),
            input.readableBytes >= headerBytes + pingBytes
        else { return nil }
        input.moveReaderIndex(forwardBy: headerBytes)
        return input.readSlice(length: pingBytes)
    }

    private static func length(_ header: [UInt8]) -> Int { header[..<3].reduce(0) { $0 << 8 | Int($1) } }

    /// One of another length is an error, which NIOHTTP2 finds.
    private static func isPing(_ header: [UInt8]) -> Bool {
        header[3] == pingType && header[4] & acknowledgement == 0 && length(header) == pingBytes
    }
}

extension ByteBuffer {
    /// Without a copy of what comes first.
    fileprivate mutating func add(_ bytes: ByteBuffer?) {
        guard var bytes else { return }
        if readableBytes == 0 { self = bytes } else { writeBuffer(&bytes) }
    }
}
