import Logging
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization

/// Listens, speaks HTTP/1.1 and HTTP/2, and hands requests to `respond`.
final class HTTPServer: Sendable {
    typealias Respond = @Sendable (HTTPRequest) async -> HTTPResponse

    let limits: HTTPLimits
    let respond: Respond
    /// What a body beyond the limit is answered with; a body of bytes.
    let tooLarge: @Sendable (_ limit: Int) -> HTTPResponse
    private let tls: TLSContexts?
    private let logger: Logger
    private let dates = HTTPDate()
    private let shared = Mutex(Shared())

    private struct Shared {
        var listeners: [any Channel] = []
        var connections: [ObjectIdentifier: any Channel] = [:]
        var isShuttingDown = false
        var longTasks: [UInt64: @Sendable () -> Void] = [:]
        var lastTask: UInt64 = 0
    }

    init(
        tls: TLSContexts?, limits: HTTPLimits = HTTPLimits(), logger: Logger, respond: @escaping Respond,
        tooLarge: @escaping @Sendable (Int) -> HTTPResponse
    ) {
        self.tls = tls
        self.limits = limits
        self.logger = logger
        self.respond = respond
        self.tooLarge = tooLarge
    }

    /// Port 0 for any; returns the port.
    func listen(host: String, port: Int) async throws -> Int {
        let channel = try await bootstrap.bind(host: host, port: port).get()
        shared.withLock { $0.listeners.append(channel) }
        return channel.localAddress?.port ?? port
    }

    /// Takes over a socket that is bound already.
    func listen(descriptor: CInt) async throws {
        let channel = try await bootstrap.withBoundSocket(descriptor).get()
        shared.withLock { $0.listeners.append(channel) }
    }

    private var bootstrap: ServerBootstrap {
        ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture { try configure(channel) }
            }
    }

    var isShuttingDown: Bool { shared.withLock { $0.isShuttingDown } }

    var connectionCount: Int { shared.withLock { $0.connections.count } }

    func date() -> String { dates.now() }

    // MARK: Connections

    private func configure(_ channel: any Channel) throws {
        track(channel)
        var connection = ConnectionInfo()
        connection.remoteAddress = Self.text(channel.remoteAddress)
        let pipeline = channel.pipeline.syncOperations
        guard let tls else {
            return try HTTP1Pipeline.configure(channel, ExchangeHandler(self, connection))
        }
        connection.isSecure = true
        try pipeline.addHandler(NIOSSLServerHandler(context: tls.context))
        let handshake = channel.eventLoop.scheduleTask(in: limits.head) { channel.close(promise: nil) }
        try pipeline.addHandler(
            ApplicationProtocolNegotiationHandler { [self, connection] result, channel in
                handshake.cancel()
                return channel.eventLoop.makeCompletedFuture {
                    var connection = connection
                    let certificate = try channel.pipeline.syncOperations.nioSSL_peerCertificate()
                    connection.peerCertificate = try certificate?.toDERBytes()
                    if result == .negotiated("h2") {
                        try configureHTTP2(channel, connection)
                    } else {
                        try HTTP1Pipeline.configure(channel, ExchangeHandler(self, connection))
                    }
                }
            })
        try pipeline.addHandler(SilentErrors())
    }

    private func configureHTTP2(_ channel: any Channel, _ connection: ConnectionInfo) throws {
        var settings = NIOHTTP2Handler.ConnectionConfiguration()
        settings.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.streamsPerConnection),
            HTTP2Setting(parameter: .maxHeaderListSize, value: 80 << 10),
        ]
        settings.targetWindowSize = 1 << 20
        // A client's watches end all at once when it goes.
        settings.controlFrameRateLimit.maximumCount = 10_000
        var stream = NIOHTTP2Handler.StreamConfiguration()
        stream.targetWindowSize = 256 << 10
        stream.outboundBufferSizeHighWatermark = 64 << 10
        stream.outboundBufferSizeLowWatermark = 32 << 10
        stream.streamResetFrameRateLimit.maximumCount = 10_000
        stream.streamErrorRateLimit.maximumCount = 10_000
        var connection = connection
        connection.protocolVersion = .http2
        let idle = IdleStreams(limits.idle)
        try channel.pipeline.syncOperations.addHandler(GatheredFlush())
        _ = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
            mode: .server, connectionConfiguration: settings, streamConfiguration: stream
        ) { [self, connection] stream in
            stream.eventLoop.makeCompletedFuture {
                let pipeline = stream.pipeline.syncOperations
                try pipeline.addHandler(HTTP2FramePayloadToHTTP1ServerCodec())
                try pipeline.addHandler(ExchangeHandler(self, connection))
            }
        }
        try channel.pipeline.syncOperations.addHandler(idle)
        try channel.pipeline.syncOperations.addHandler(SilentErrors())
    }

    private func track(_ channel: any Channel) {
        let key = ObjectIdentifier(channel)
        let isClosing = shared.withLock {
            $0.connections[key] = channel
            return $0.isShuttingDown
        }
        channel.closeFuture.whenComplete { [self] _ in
            shared.withLock { _ = $0.connections.removeValue(forKey: key) }
        }
        if isClosing { channel.close(promise: nil) }
    }

    private static func text(_ address: SocketAddress?) -> String {
        guard let address, let host = address.ipAddress else { return "" }
        return host.contains(":") ? "[\(host)]:\(address.port ?? 0)" : "\(host):\(address.port ?? 0)"
    }

    // MARK: Long answers and the end

    /// Runs an answer that is written piece by piece; a long one is cancelled when the server shuts down.
    func run(isLong: Bool, _ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        guard isLong else { return Task { await body() } }
        let task = shared.withLock { shared in
            shared.lastTask += 1
            let number = shared.lastTask
            let task = Task { [self] in
                await body()
                self.shared.withLock { _ = $0.longTasks.removeValue(forKey: number) }
            }
            shared.longTasks[number] = { task.cancel() }
            return task
        }
        if isShuttingDown { task.cancel() }
        return task
    }

    /// Takes no new connections, ends watches, lets other requests finish within the limit, and closes.
    func shutDown() async {
        let (listeners, connections, tasks) = shared.withLock { shared in
            shared.isShuttingDown = true
            return (shared.listeners, Array(shared.connections.values), Array(shared.longTasks.values))
        }
        for listener in listeners { try? await listener.close() }
        for cancel in tasks { cancel() }
        for connection in connections { connection.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        let end = ContinuousClock.now + limits.shutdown
        while ContinuousClock.now < end, connectionCount > 0 { try? await Task.sleep(for: .milliseconds(20)) }
        for connection in shared.withLock({ Array($0.connections.values) }) { try? await connection.close() }
    }
}

/// Ends a connection at an error that nobody handled: a failed handshake, a client that resets.
private final class SilentErrors: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
