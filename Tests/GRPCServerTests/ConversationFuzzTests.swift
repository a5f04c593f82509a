import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP2
import NIOPosix
import Synchronization
import TestRandom
import Testing

@testable import GRPCServer

/// A good conversation with a few bytes changed, in any pieces: the connection goes on or ends, and the server goes on.
@Suite(.timeLimit(.minutes(30))) struct ConversationFuzzTests {
    /// What a client sends: calls of every kind, a reset, a ping, room for more.
    private static func conversation() throws -> [UInt8] {
        let channel = EmbeddedChannel()
        defer { _ = try? channel.finish() }
        try channel.pipeline.syncOperations.addHandler(NIOHTTP2Handler(mode: .client))
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/none")).wait()
        var id: HTTP2StreamID = 1
        for path in ["/t.T/Echo", "/t.T/Task", "/t.T/Each", "/t.T/Fail", "/t.T/Forever", "/t.T/Nothing", "/t.T/Echo"] {
            let headers: HPACKHeaders = [
                ":method": "POST", ":path": path, ":scheme": "http", ":authority": "t",
                "content-type": "application/grpc", "grpc-timeout": "20S", "te": "trailers",
            ]
            let data = ByteBuffer(
                bytes: [0, 0, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0, 0, 0].prefix(path == "/t.T/Each" ? 15 : 10))
            let frames: [HTTP2Frame.FramePayload] = [
                .headers(.init(headers: headers)), .windowUpdate(windowSizeIncrement: 1000),
                .data(.init(data: .byteBuffer(data), endStream: path != "/t.T/Forever")),
            ]
            for frame in frames { channel.write(HTTP2Frame(streamID: id, payload: frame), promise: nil) }
            if path == "/t.T/Forever" {
                channel.write(HTTP2Frame(streamID: id, payload: .rstStream(.cancel)), promise: nil)
            }
            id = id.advanced(by: 2)
        }
        channel.write(
            HTTP2Frame(streamID: .rootStream, payload: .ping(.init(withInteger: 9), ack: false)), promise: nil)
        channel.flush()
        var bytes: [UInt8] = []
        while let piece = try channel.readOutbound(as: ByteBuffer.self) { bytes += piece.readableBytesView }
        return bytes
    }

    private final class Heard: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let bytes = Atomic<Int>(0)

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            bytes.add(unwrapInboundIn(data).readableBytes, ordering: .relaxed)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    /// How many bytes the server answers.
    private static func say(_ bytes: [UInt8], _ random: inout SeededRandom, port: Int) async throws -> Int {
        let heard = Heard()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(heard) }
            }
            .connect(host: "127.0.0.1", port: port).get()
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...200, using: &random))
            rest = rest.dropFirst(piece.count)
            channel.writeAndFlush(ByteBuffer(bytes: piece), promise: nil)
        }
        try await Task.sleep(for: .milliseconds(15))
        try? await channel.close()
        return heard.bytes.load(ordering: .relaxed)
    }

    @Test(arguments: 0..<4) func anyBytesAreSurvived(seed: UInt64) async throws {
        let methods = try await TestMethods()
        let good = try Self.conversation()
        var random = SeededRandom(seed: seed)
        var answered = 0
        for _ in 0..<60 {
            var bytes = good
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                // The preface is seldom touched: what is behind it would not be read.
                let index = Int.random(
                    in: Int.random(in: 0..<8, using: &random) == 0 ? 0..<24 : 24..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2: bytes.remove(at: index)
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
                }
            }
            if try await Self.say(bytes, &random, port: methods.port) > 0 { answered += 1 }
        }
        #expect(answered > 0)
        let client = try await FrameClient(port: methods.port)
        try await client.call(1, "/t.T/Echo")
        try await client.message(1, [1])
        #expect(try await client.end(1)?.first(name: "grpc-status") == "0", "seed \(seed)")
        await client.close()
        // Nothing of any connection is left.
        #expect(
            try await TestMethods.soon {
                methods.notes.begun.load(ordering: .relaxed) == methods.notes.cancelled.load(ordering: .relaxed)
            })
        await methods.server.shutDown(grace: .zero)
    }

    /// Whatever lengths and flags say: no more comes out than went in, and nothing is held beyond the limit.
    @Test(arguments: 0..<20) func changedMessagesAreReadOrRefused(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<100 {
            var bytes = (0..<6).flatMap { size in
                [0, 0, 0, 0, UInt8(size * 9)] + [UInt8](repeating: 1, count: size * 9)
            }
            for _ in 0..<3 {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            var reader = MessageReader(limit: 100)
            var (rest, out) = (bytes[...], 0)
            do throws(RPCStatus) {
                while !rest.isEmpty {
                    let piece = rest.prefix(Int.random(in: 1...40, using: &random))
                    rest = rest.dropFirst(piece.count)
                    reader.add(ByteBuffer(bytes: piece))
                    while let message = try reader.next() {
                        #expect(message.readableBytes <= 100)
                        out += message.readableBytes + 5
                    }
                    #expect(reader.heldBytes <= 105 + 40)
                }
                #expect(out + reader.heldBytes == bytes.count)
            } catch {
                #expect([.internalError, .resourceExhausted].contains(error.code))
            }
        }
    }

    @Test(arguments: 0..<8) func changedHeadsAreReadOrRefused(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let alphabet = Array("0123456789HMSmunx+- \u{0}é".unicodeScalars)
        for _ in 0..<300 {
            let text = String(
                String.UnicodeScalarView(
                    (0..<Int.random(in: 0...10, using: &random)).compactMap { _ in
                        alphabet.randomElement(using: &random)
                    }))
            let parsed = CallTimeout.parse(text)
            let isRight = text.wholeMatch(of: /[0-9]{1,8}[HMSmun]/) != nil
            #expect((parsed != nil) == isRight, "\(text)")
            let head = try? CallHead([
                ":method": "POST", ":path": text, "content-type": "application/grpc\(text)", "grpc-timeout": text,
            ])
            #expect(head == nil || isRight)
        }
    }
}
