import DNSCore
import NIOCore
import NIOPosix
import NetTypes
import Synchronization

/// DNS over TCP (RFC 7766): many questions on a connection, answered as they are ready; idle ones are closed.
final class StreamServer: Sendable {
    struct Limits: Sendable {
        /// Seconds without a question.
        var idle: Int64 = 20
        var connections = 1000
        /// Forwarded questions of one connection at once.
        var underWay = 200
    }

    private let group: any EventLoopGroup
    private let board: ZoneBoard
    private let resolver: Resolver
    private let forwarder: Forwarder?
    private let limits: Limits
    private let listeners = Mutex<[any Channel]>([])
    private let connections = Mutex<[ObjectIdentifier: any Channel]>([:])

    init(
        _ group: any EventLoopGroup, _ board: ZoneBoard, _ resolver: Resolver, _ forwarder: Forwarder?,
        limits: Limits = Limits()
    ) {
        self.group = group
        self.board = board
        self.resolver = resolver
        self.forwarder = forwarder
        self.limits = limits
    }

    func listen(_ address: AddressPort) async throws(DNSListenError) {
        do {
            let channel = try await bootstrap(address).bind(
                to: try SocketAddress(ipAddress: "\(address.address)", port: Int(address.port))
            ).get()
            listeners.withLock { $0.append(channel) }
        } catch let error as IOError {
            throw DNSListenError(address, "TCP", code: error.errnoCode)
        } catch {
            throw DNSListenError(address, "TCP", "\(error)")
        }
    }

    private func bootstrap(_ address: AddressPort) -> ServerBootstrap {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard self.add(channel) else { throw ChannelError.eof }
                    try channel.pipeline.syncOperations.addHandlers(
                        IdleStateHandler(readTimeout: .seconds(self.limits.idle)),
                        ByteToMessageHandler(MessageFraming()), StreamHandler(self))
                }
            }
        guard address.address.family == .ipv6 else { return bootstrap }
        let onlyIPv6 = ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only)
        return bootstrap.serverChannelOption(onlyIPv6, value: 1)
    }

    /// Closes everything.
    func stop() async {
        let open = listeners.withLock { $0 } + connections.withLock { Array($0.values) }
        for channel in open { try? await channel.close().get() }
    }

    /// Takes no more connections; those there are go on.
    func drain() async {
        for channel in listeners.withLock({ $0 }) { try? await channel.close().get() }
    }

    private func add(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let isWelcome = connections.withLock { connections in
            guard connections.count < limits.connections else { return false }
            connections[id] = channel
            return true
        }
        guard isWelcome else { return false }
        resolver.metrics.connections.add(1)
        channel.closeFuture.whenComplete { _ in
            self.connections.withLock { $0[id] = nil }
            self.resolver.metrics.connections.add(-1)
        }
        return true
    }

    /// Answers one message, now or later. `underWay`: forwarded questions of the connection.
    fileprivate func answer(_ message: [UInt8], on channel: any Channel, rotation: Int, underWay: UnderWay) {
        var tally = DNSTally(.tcp)
        switch resolver.resolve(message, over: .tcp, board.current, rotation: rotation, &tally) {
        case .ignore: channel.close(promise: nil)
        case .reply(let reply): channel.writeFramed(reply)
        case .forward(let query):
            guard let forwarder, underWay.begin(limit: limits.underWay) else {
                return channel.writeFramed(query.reply(nil, age: 0))
            }
            forwarder.ask(query, over: .tcp) { reply in
                underWay.end()
                channel.writeFramed(reply)
            }
        }
        resolver.metrics.add(tally)
    }
}

/// How many forwarded questions of a connection are under way.
final class UnderWay: Sendable {
    private let count = Mutex(0)

    func begin(limit: Int) -> Bool {
        count.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
    }

    func end() { count.withLock { $0 -= 1 } }
}

/// One connection.
private final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = [UInt8]

    private let server: StreamServer
    private let underWay = UnderWay()
    private var rotation = Int.random(in: 0..<1024)

    init(_ server: StreamServer) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        rotation = (rotation &+ 1) & 0xffff
        server.answer(unwrapInboundIn(data), on: context.channel, rotation: rotation, underWay: underWay)
    }

    /// A client that does not take its answers is not read from.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        let isWritable = context.channel.isWritable
        context.channel.setOption(.autoRead, value: isWritable).whenFailure { _ in }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
