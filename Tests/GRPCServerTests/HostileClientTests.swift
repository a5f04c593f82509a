import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import Synchronization
import Testing

@testable import GRPCServer

/// Clients that ask for much, read little, say nothing, or speak something else: they cost little, and nobody else notices.
@Suite(.timeLimit(.minutes(30))) struct HostileClientTests {
    private static func head(_ path: String) -> HTTP2Frame.FramePayload {
        .headers(
            .init(
                headers: [
                    ":method": "POST", ":path": path, ":scheme": "http", ":authority": "t",
                    "content-type": "application/grpc",
                ]))
    }

    private static let noRequest = HTTP2Frame.FramePayload.data(
        .init(data: .byteBuffer(ByteBuffer(bytes: [0, 0, 0, 0, 0])), endStream: true))

    /// Another client, over a connection of its own.
    private static func othersAreServed(_ methods: TestMethods) async throws -> Bool {
        let client = try await FrameClient(port: methods.port)
        try await client.call(1, "/t.T/Echo")
        try await client.message(1, [1])
        let status = try await client.end(1)?.first(name: "grpc-status")
        await client.close()
        return status == "0"
    }

    /// The server closes the connection, and goes on for others.
    private static func isClosed(_ methods: TestMethods, _ client: FrameClient) async throws {
        #expect(try await client.isClosedSoon())
        #expect(try await othersAreServed(methods))
        await methods.server.shutDown(grace: .zero)
    }

    /// What a client asked for and does not read is not made; when it reads, it gets everything.
    @Test(arguments: ["/t.T/Large", "/t.T/Long"]) func answersThatNobodyReadsAreNotMade(path: String) async throws {
        let methods = try await TestMethods {
            $0.unsentAnswerBytes = 1 << 20
            $0.longAnswers = 2
        }
        let client = try await FrameClient(port: methods.port, window: 1 << 30)
        try await client.send(.rootStream, .windowUpdate(windowSizeIncrement: 1 << 30))
        try await client.channel.setOption(.autoRead, value: false).get()
        let calls = 200
        client.flood(
            (0..<calls).flatMap { index in
                let id = HTTP2StreamID(index * 2 + 1)
                return [
                    HTTP2Frame(streamID: id, payload: Self.head(path)),
                    HTTP2Frame(streamID: id, payload: Self.noRequest),
                ]
            })
        #expect(try await TestMethods.soon { methods.notes.made.load(ordering: .relaxed) > 0 })
        try await Task.sleep(for: .milliseconds(500))
        // The system's buffers of the connection hold some more.
        #expect(methods.notes.made.load(ordering: .relaxed) < calls / 2)
        #expect(try await Self.othersAreServed(methods))
        try await client.channel.setOption(.autoRead, value: true).get()
        #expect(
            try await TestMethods.soon {
                client.count { frame in
                    if case .headers(let headers) = frame.payload { headers.endStream } else { false }
                } == calls
            })
        #expect(methods.notes.made.load(ordering: .relaxed) == calls)
        await client.close()
        await methods.server.shutDown(grace: .zero)
    }

    /// Calls that wait behind others go when their client resets them.
    @Test func answersThatNobodyWantsAnyMoreAreNotMade() async throws {
        let methods = try await TestMethods { $0.longAnswers = 1 }
        let client = try await FrameClient(port: methods.port)
        // The first holds the place: its answer does not fit the window.
        for id in [1, 3, 5] as [HTTP2StreamID] {
            try await client.send(id, Self.head("/t.T/Long"))
            try await client.send(id, Self.noRequest)
        }
        #expect(try await TestMethods.soon { methods.notes.made.load(ordering: .relaxed) == 1 })
        try await client.send(3, .rstStream(.cancel))
        try await client.send(1, .rstStream(.cancel))
        #expect(try await TestMethods.soon { methods.notes.made.load(ordering: .relaxed) == 2 })
        try await Task.sleep(for: .milliseconds(100))
        #expect(methods.notes.made.load(ordering: .relaxed) == 2)
        await client.close()
        await methods.server.shutDown(grace: .zero)
    }

    /// CVE-2023-44487: calls begun and reset at once.
    @Test func rapidResetsEndTheConnection() async throws {
        let methods = try await TestMethods { $0.callsPerConnection = 300 }
        let client = try await FrameClient(port: methods.port)
        _ = try await client.frame { if case .settings(.settings) = $0.payload { true } else { false } }
        client.flood(
            (0..<400).flatMap { index in
                let id = HTTP2StreamID(index * 2 + 1)
                return [
                    HTTP2Frame(streamID: id, payload: Self.head("/t.T/Forever")),
                    HTTP2Frame(streamID: id, payload: .rstStream(.cancel)),
                ]
            })
        try await Self.isClosed(methods, client)
    }

    @Test func pingFloodsEndTheConnection() async throws {
        let methods = try await TestMethods()
        let client = try await FrameClient(port: methods.port)
        client.flood(
            (0..<50_000).map { number in
                HTTP2Frame(
                    streamID: .rootStream, payload: .ping(HTTP2PingData(withInteger: UInt64(number)), ack: false))
            })
        try await Self.isClosed(methods, client)
    }

    @Test func itsLimitsAreToldAndMetadataBeyondThemRefused() async throws {
        let methods = try await TestMethods()
        let client = try await FrameClient(port: methods.port)
        let frame = try await client.frame { if case .settings(.settings) = $0.payload { true } else { false } }
        guard case .settings(.settings(let settings)) = frame?.payload else {
            Issue.record("no settings came")
            return
        }
        let limits = RPCLimits()
        #expect(settings.contains { $0.parameter == .maxConcurrentStreams && $0.value == limits.callsPerConnection })
        #expect(settings.contains { $0.parameter == .maxHeaderListSize && $0.value == limits.headerBytes })
        try await client.call(1, "/t.T/Echo", more: [("x-large", String(repeating: "m", count: limits.headerBytes))])
        try await Self.isClosed(methods, client)
    }

    // MARK: Other protocols

    /// What the server says to bytes until it closes.
    private static func answer(to bytes: String, port: Int) async throws -> String {
        let said = Said()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(said) }
            }
            .connect(host: "127.0.0.1", port: port).get()
        try await channel.writeAndFlush(ByteBuffer(string: bytes))
        try await channel.closeFuture.get()
        return String(buffer: said.bytes.withLock { $0 })
    }

    private final class Said: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let bytes = Mutex(ByteBuffer())

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let piece = unwrapInboundIn(data)
            bytes.withLock { _ = $0.writeImmutableBuffer(piece) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    @Test(arguments: [
        "GET /health HTTP/1.1\r\nHost: a\r\n\r\n", "POST /v3/kv/range HTTP/1.1\r\n\r\n{}", "\u{16}\u{3}\u{1}\u{2}",
    ])
    func whoSpeaksSomethingElseIsToldSo(bytes: String) async throws {
        let methods = try await TestMethods()
        let answer = try await Self.answer(to: bytes, port: methods.port)
        #expect(answer.hasPrefix("HTTP/1.1 505 HTTP Version Not Supported\r\n"))
        #expect(answer.hasSuffix("this port serves gRPC, over HTTP/2 from the first byte on\n"))
        #expect(try await Self.othersAreServed(methods))
        await methods.server.shutDown(grace: .zero)
    }

    @Test(arguments: ["", "PR", "PRI * HTTP/2.0\r\n"]) func whoSaysNothingIsLeft(bytes: String) async throws {
        let methods = try await TestMethods { $0.greeting = .seconds(2) }
        #expect(try await Self.answer(to: bytes, port: methods.port).isEmpty || bytes.count > 3)
        #expect(try await Self.othersAreServed(methods))
        await methods.server.shutDown(grace: .zero)
    }
}
