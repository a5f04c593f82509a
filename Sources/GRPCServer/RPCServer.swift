import NIOCore
import NIOHTTP2
import NIOPosix
import NIOSSL
import Synchronization

/// Serves gRPC (grpc/grpc, doc/PROTOCOL-HTTP2.md) on HTTP/2 frames: per connection one channel, per call an entry in a
/// table.
///
/// Bytes come as frames to `ConnectionHandler`, which finds the method of a call in `MethodTable` and its messages with
/// `MessageReader`. Answers come from any thread into the connection's queue (`Connection`), and the event loop writes
/// all that is there with one flush.
public final class RPCServer: Sendable {
    private struct State {
        var listeners: [any Channel] = []
        var connections: [ObjectIdentifier: any Channel] = [:]
        var isShuttingDown = false
    }

    private let methods: MethodTable
    private let limits: RPCLimits
    private let state = Mutex(State())

    public init(_ methods: MethodTable, limits: RPCLimits = RPCLimits()) {
        self.methods = methods
        self.limits = limits
    }

    /// Returns the address, with the port that the system chose for port 0.
    public func listen(_ address: SocketAddress, tls: NIOSSLContext?) async throws -> SocketAddress {
        var bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture { try configure(channel, tls) }
            }
        if address.port != nil {
            bootstrap = bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(.socketOption(.so_keepalive), value: 1)
        }
        let channel = try await bootstrap.bind(to: address).get()
        let isLate = state.withLock { state in
            state.listeners.append(channel)
            return state.isShuttingDown
        }
        if isLate { try? await channel.close() }
        return channel.localAddress ?? address
    }

    private func configure(_ channel: any Channel, _ tls: NIOSSLContext?) throws {
        let pipeline = channel.pipeline.syncOperations
        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
        let eventLoop = channel.eventLoop
        try pipeline.addHandler(
            Greeting(patience: limits.greeting) { [self] pipeline, greeting in
                let http2 = NIOHTTP2Handler(
                    mode: .server, connectionConfiguration: connection, streamConfiguration: streams)
                try pipeline.addHandlers(
                    [http2, ConnectionHandler(methods, limits, eventLoop)], position: .after(greeting))
            })
        let key = ObjectIdentifier(channel)
        let isLate = state.withLock { state in
            state.connections[key] = channel
            return state.isShuttingDown
        }
        channel.closeFuture.whenComplete { [self] _ in
            state.withLock { _ = $0.connections.removeValue(forKey: key) }
        }
        if isLate { channel.close(promise: nil) }
    }

    private var connection: NIOHTTP2Handler.ConnectionConfiguration {
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.callsPerConnection),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.headerBytes),
            HTTP2Setting(parameter: .initialWindowSize, value: ConnectionHandler.window),
        ]
        connection.maximumRecentlyResetStreams = 256
        // Clients in Go send a PING along with almost every answer that they read, to measure the round trip.
        connection.controlFrameRateLimit.maximumCount = 20_000
        connection.controlFrameRateLimit.windowLength = .seconds(1)
        return connection
    }

    private var streams: NIOHTTP2Handler.StreamConfiguration {
        var streams = NIOHTTP2Handler.StreamConfiguration()
        // A client's calls end all at once when it goes.
        streams.streamResetFrameRateLimit.maximumCount = limits.callsPerConnection
        streams.streamErrorRateLimit.maximumCount = limits.callsPerConnection
        return streams
    }

    /// Takes no more connections and calls; calls that run have `grace` to end, then they are ended.
    public func shutDown(grace: Duration) async {
        let listeners = state.withLock { state in
            state.isShuttingDown = true
            return state.listeners
        }
        for listener in listeners { try? await listener.close() }
        await tell(ChannelShouldQuiesceEvent(), patience: grace)
        await tell(EndOfCalls(), patience: .seconds(1))
        for channel in state.withLock({ Array($0.connections.values) }) { try? await channel.close() }
    }

    /// Returns when no connection is left, or patience is over.
    private func tell(_ event: some Sendable, patience: Duration) async {
        for channel in state.withLock({ Array($0.connections.values) }) {
            channel.pipeline.fireUserInboundEventTriggered(event)
        }
        let end = ContinuousClock.now + patience
        while ContinuousClock.now < end, state.withLock({ !$0.connections.isEmpty }) {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }
}
