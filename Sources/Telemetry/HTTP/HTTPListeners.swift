import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import Synchronization

/// A small HTTP/1.1 server for health, metrics and configuration: any number of listeners on one thread.
public final class HTTPListeners: Service {
    private struct State {
        var isStopped = false
        var open: [ObjectIdentifier: HTTPListener] = [:]
        /// Listeners about to open, by number.
        var pending: [UInt64: EventLoopFuture<any Channel>] = [:]
        var lastNumber: UInt64 = 0
    }

    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let state = Mutex(State())

    public init() {}

    var isStopped: Bool { state.withLock { $0.isStopped } }

    var loop: any EventLoop { group.any() }

    /// Opens a listener.
    public func listen(_ endpoint: HTTPEndpoint) async throws(ListenError) -> HTTPListener {
        let result = await withCheckedContinuation { continuation in
            listen(endpoint) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Opens a listener and reports on the server's thread.
    public func listen(
        _ endpoint: HTTPEndpoint, then report: @escaping @Sendable (Result<HTTPListener, ListenError>) -> Void
    ) {
        let connections = HTTPConnections(limit: endpoint.limits.connections) {
            endpoint.logger?.warning(
                "too many connections to \(endpoint.address): those without a request make room",
                metadata: ["limit": "\(endpoint.limits.connections)"])
        }
        guard let (number, channel) = begin(endpoint, connections) else {
            return report(.failure(ListenError(endpoint, reason: "the server has stopped")))
        }
        channel.whenComplete { result in
            let outcome = result.mapError { ListenError(endpoint, $0) }.map { HTTPListener($0, connections) }
            if case .success(let listener) = outcome { self.adopt(listener) }
            self.state.withLock { $0.pending[number] = nil }
            report(outcome)
        }
    }

    /// nil after `stop`.
    private func begin(
        _ endpoint: HTTPEndpoint, _ connections: HTTPConnections
    ) -> (UInt64, EventLoopFuture<any Channel>)? {
        state.withLock { state in
            guard !state.isStopped else { return nil }
            let channel = bind(endpoint, connections)
            state.lastNumber += 1
            state.pending[state.lastNumber] = channel
            return (state.lastNumber, channel)
        }
    }

    /// Serves until shutdown, then closes everything.
    public func run() async throws {
        try? await gracefulShutdown()
        await stop()
    }

    /// Closes every listener and connection, and ends the thread. Nothing can be opened afterwards.
    public func stop() async {
        let pending = state.withLock { state in
            state.isStopped = true
            return Array(state.pending.values)
        }
        for channel in pending { _ = try? await channel.get() }
        let open = state.withLock { Array($0.open.values) }
        for listener in open { listener.close() }
        for listener in open { try? await listener.closed.get() }
        try? await group.shutdownGracefully()
    }

    private func adopt(_ listener: HTTPListener) {
        let id = ObjectIdentifier(listener)
        state.withLock { $0.open[id] = listener }
        listener.closed.whenComplete { _ in self.state.withLock { $0.open[id] = nil } }
    }

    private func bind(_ endpoint: HTTPEndpoint, _ connections: HTTPConnections) -> EventLoopFuture<any Channel> {
        let (routes, limits) = (endpoint.routes, endpoint.limits)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 128)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard connections.add(channel) else { throw ChannelError.eof }
                    try Self.addHandlers(channel.pipeline.syncOperations, routes, limits, connections)
                }
            }
        if let descriptor = endpoint.descriptor { return bootstrap.withBoundSocket(descriptor) }
        let address: SocketAddress
        let isWildcard: Bool
        do {
            (address, isWildcard) = try Self.address(endpoint)
        } catch {
            return group.any().makeFailedFuture(error)
        }
        guard isWildcard, address.protocol == .inet6 else { return bootstrap.bind(to: address) }
        let onlyIPv6 = ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only)
        return bootstrap.serverChannelOption(onlyIPv6, value: 0).bind(to: address)
    }

    /// Both wildcards mean every address of both families, as in Go, where the machine has IPv6.
    private static func address(_ endpoint: HTTPEndpoint) throws -> (SocketAddress, isWildcard: Bool) {
        let isWildcard = endpoint.host == "0.0.0.0" || endpoint.host == "::"
        let host = isWildcard ? (hasIPv6 ? "::" : "0.0.0.0") : endpoint.host
        return (try SocketAddress(ipAddress: host, port: Int(endpoint.port)), isWildcard)
    }

    private static let hasIPv6: Bool = {
        let descriptor = socket(AF_INET6, CInt(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        close(descriptor)
        return true
    }()

    private static func addHandlers(
        _ pipeline: ChannelPipeline.SynchronousOperations, _ routes: HTTPRoutes, _ limits: HTTPLimits,
        _ connections: HTTPConnections
    ) throws {
        try pipeline.addHandlers(
            HTTPResponseEncoder(),
            ByteToMessageHandler(
                HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits.decoder)),
            HTTPServerPipelineHandler(), HTTPConnection(routes, limits, connections))
    }
}
