import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import Synchronization

@testable import GRPCServer

/// A client that sends what it is told, frame by frame, and keeps what comes.
final class FrameClient: Sendable {
    let channel: any Channel
    private let received: Received

    final class Received: ChannelInboundHandler, Sendable {
        typealias InboundIn = HTTP2Frame
        let frames = Mutex<[HTTP2Frame]>([])
        let isClosed = Atomic<Bool>(false)

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let frame = unwrapInboundIn(data)
            frames.withLock { $0.append(frame) }
        }

        func channelInactive(context: ChannelHandlerContext) { isClosed.store(true, ordering: .relaxed) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) {}
    }

    /// `window`: what the server may send on a stream before this client says that there is room.
    init(port: Int, window: Int = 65_535) async throws {
        let received = Received()
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    var configuration = NIOHTTP2Handler.ConnectionConfiguration()
                    configuration.headerBlockValidation = .disabled
                    configuration.controlFrameRateLimit.maximumCount = 100_000
                    configuration.initialSettings.append(HTTP2Setting(parameter: .initialWindowSize, value: window))
                    try pipeline.addHandler(
                        NIOHTTP2Handler(mode: .client, connectionConfiguration: configuration))
                    try pipeline.addHandler(received)
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        self.received = received
    }

    func send(_ id: HTTP2StreamID, _ payload: HTTP2Frame.FramePayload) async throws {
        try await channel.writeAndFlush(HTTP2Frame(streamID: id, payload: payload))
    }

    /// All in one piece, without waiting whether they arrive.
    func flood(_ frames: [HTTP2Frame]) {
        for frame in frames { channel.write(frame, promise: nil) }
        channel.flush()
    }

    /// How many frames came that fit.
    func count(_ fits: (HTTP2Frame) -> Bool) -> Int { received.frames.withLock { $0.count(where: fits) } }

    /// Begins a call.
    func call(
        _ id: HTTP2StreamID, _ path: String, method: String = "POST", more: [(String, String)] = [],
        type: String = "application/grpc", isEnd: Bool = false
    ) async throws {
        let headers = HPACKHeaders(
            [(":method", method), (":path", path), (":scheme", "http"), (":authority", "t"), ("content-type", type)]
                + more)
        try await send(id, .headers(.init(headers: headers, endStream: isEnd)))
    }

    func message(_ id: HTTP2StreamID, _ bytes: [UInt8], isEnd: Bool = true) async throws {
        var messages = MessageBatch()
        try messages.add { $0.writeBytes(bytes) }
        try await send(id, .data(.init(data: .byteBuffer(messages.buffer), endStream: isEnd)))
    }

    /// The first frame that came and fits.
    func frame(_ fits: @escaping @Sendable (HTTP2Frame) -> Bool) async throws -> HTTP2Frame? {
        let received = received
        _ = try await TestMethods.soon { received.frames.withLock { $0.contains(where: fits) } }
        return received.frames.withLock { $0.first(where: fits) }
    }

    /// The header block that ends a stream.
    func end(_ id: HTTP2StreamID) async throws -> HPACKHeaders? {
        let frame = try await frame { frame in
            guard frame.streamID == id, case .headers(let headers) = frame.payload else { return false }
            return headers.endStream
        }
        guard case .headers(let headers) = frame?.payload else { return nil }
        return headers.headers
    }

    func isClosedSoon() async throws -> Bool {
        let received = received
        return try await TestMethods.soon { received.isClosed.load(ordering: .relaxed) }
    }

    func close() async { try? await channel.close() }
}
