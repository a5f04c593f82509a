import HTTP2Frames
import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP2
import TestRandom
import Testing

@Suite struct WholeFramesTests {
    private static func frame(_ payload: Int, type: UInt8 = 0) -> ByteBuffer {
        var buffer = ByteBuffer(integer: UInt32(payload) << 8 | UInt32(type))
        buffer.writeBytes([0, 0, 0, 0, 1])
        buffer.writeRepeatingByte(7, count: payload)
        return buffer
    }

    /// However the bytes come.
    @Test(arguments: 0..<20) func framesAreCutWhereverReadsEnd(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let sizes = (0..<40).map { _ in [0, 1, 9, 200, 16_384].randomElement(using: &random) ?? 0 }
        var stream = ByteBuffer()
        for size in sizes { stream.writeImmutableBuffer(Self.frame(size)) }
        var cutter = FrameCutter()
        var frames: [ByteBuffer] = []
        while stream.readableBytes > 0 {
            let most = min(stream.readableBytes, [1, 8, 10, 500, 40_000].randomElement(using: &random) ?? 1)
            frames += cutter.cut(stream.readSlice(length: .random(in: 1...most, using: &random)) ?? ByteBuffer())
        }
        #expect(frames == sizes.map { Self.frame($0) }, "seed \(seed)")
    }

    /// What is no frame is for the decoder to refuse: nothing is held back.
    @Test(arguments: [1, 5, 9, 100]) func whatIsNoFrameGoesOn(chunk: Int) {
        var rest = Self.frame(16_385)
        rest.writeRepeatingByte(9, count: 50)
        var stream = Self.frame(3)
        stream.writeImmutableBuffer(rest)
        var cutter = FrameCutter()
        var out: [ByteBuffer] = []
        while let part = stream.readSlice(length: min(chunk, stream.readableBytes)), part.readableBytes > 0 {
            out += cutter.cut(part)
        }
        #expect(out.first == Self.frame(3))
        #expect(out.dropFirst().flatMap { Array($0.readableBytesView) } == Array(rest.readableBytesView))
    }

    /// The decoder keeps no more than a frame, whoever holds what it has given.
    @Test(arguments: [true, false]) func theDecoderKeepsLittle(isCut: Bool) throws {
        let channel = EmbeddedChannel()
        let held = Held()
        try channel.pipeline.syncOperations.addHandler(NIOHTTP2Handler(mode: .client))
        try channel.pipeline.syncOperations.addHandler(held)
        if isCut { try WholeFrames.add(to: channel).wait() }
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let head = HPACKHeaders([
            (":method", "GET"), (":path", "/"), (":scheme", "https"), (":authority", "test"),
        ])
        channel.write(HTTP2Frame(streamID: 1, payload: .headers(.init(headers: head, endStream: true))), promise: nil)
        channel.flush()
        var stream = ByteBuffer(bytes: [0, 0, 0, 4, 0, 0, 0, 0, 0])
        // HEADERS with one field, `:status: 200` of the static table.
        stream.writeBytes([0, 0, 1, 1, 4, 0, 0, 0, 1, 0x88])
        for _ in 0..<4 { stream.writeImmutableBuffer(Self.frame(16_000)) }
        for start in stride(from: 0, to: stream.readableBytes, by: 5_000) {
            let part = stream.getSlice(at: start, length: min(5_000, stream.readableBytes - start))
            try channel.writeInbound(try #require(part))
        }
        #expect(held.payloads.reduce(0) { $0 + $1.readableBytes } == 64_000)
        let largest = try #require(held.payloads.map(\.storageCapacity).max())
        // Without cutting it keeps everything: the reason for it may go when this fails.
        #expect(isCut ? largest <= 32_768 : largest >= 65_536, "\(largest)")
        _ = try? channel.finish()
    }

    /// Somebody who reads slowly.
    private final class Held: ChannelInboundHandler {
        typealias InboundIn = HTTP2Frame
        var payloads: [ByteBuffer] = []

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .data(let data) = unwrapInboundIn(data).payload, case .byteBuffer(let bytes) = data.data else {
                return
            }
            payloads.append(bytes)
        }
    }
}
