import DNSCore
import NIOCore
import NIOPosix
import NetTypes
import Synchronization

/// Asks other name servers: the shell around `ForwardingState`. Each attempt has a socket of its own, so its port is as
/// hard to guess as its identifier (RFC 5452).
final class Forwarder: Sendable {
    typealias Reply = @Sendable ([UInt8]) -> Void

    /// A client that waits.
    private struct Waiter: Sendable {
        let query: ForwardedQuery
        let transport: Resolver.Transport
        let reply: Reply
    }

    private typealias Core = ForwardingState<Waiter>

    /// The attempt of a flight that counts.
    private struct Link {
        let attempt: Int
        let timer: Scheduled<Void>
        var channel: (any Channel)?
    }

    private struct State {
        var core: Core
        var links: [UInt64: Link] = [:]
        var random = SystemRandomNumberGenerator()
    }

    private let group: any EventLoopGroup
    private let resolver: Resolver
    private let timeout: TimeAmount
    private let state: Mutex<State>

    /// `timeout`: of one attempt.
    init(
        _ group: any EventLoopGroup, servers: [AddressPort], _ resolver: Resolver,
        timeout: TimeAmount = .milliseconds(1200)
    ) {
        self.group = group
        self.resolver = resolver
        self.timeout = timeout
        state = Mutex(State(core: Core(servers: servers)))
    }

    var isIdle: Bool { state.withLock { $0.core.count == 0 } }

    /// Calls `reply` once, on any thread.
    func ask(_ query: ForwardedQuery, over transport: Resolver.Transport, reply: @escaping Reply) {
        let waiter = Waiter(query: query, transport: transport, reply: reply)
        perform(state.withLock { $0.core.ask(query.question, waiter, random: &$0.random) })
    }

    private func perform(_ effect: Core.Effect?) {
        switch effect {
        case nil: break
        case .refuse(let waiter):
            resolver.metrics.refusals.increment()
            answer(waiter, nil)
        case .send(let transmission): send(transmission)
        case .finish(let flight, let question, let answer, let waiters):
            end(state.withLock { $0.links.removeValue(forKey: flight) })
            if let answer { resolver.keep(answer, to: question) }
            for waiter in waiters { self.answer(waiter, answer) }
        }
    }

    private func answer(_ waiter: Waiter, _ answer: UpstreamAnswer?) {
        let reply = waiter.query.reply(answer, age: 0)
        var tally = DNSTally(waiter.transport)
        tally.count(waiter.query.query.question.type, reply)
        resolver.metrics.add(tally)
        waiter.reply(reply)
    }

    private func send(_ transmission: Core.Transmission) {
        resolver.metrics.forwarded["\(transmission.server)", "\(transmission.transport)"].increment()
        let timer = group.next().scheduleTask(in: timeout) { self.failed(transmission) }
        let link = Link(attempt: transmission.attempt, timer: timer)
        end(state.withLock { $0.links.updateValue(link, forKey: transmission.flight) })
        open(transmission).whenComplete { result in
            switch result {
            case .success(let channel): self.opened(channel, transmission)
            case .failure: self.failed(transmission)
            }
        }
    }

    private func opened(_ channel: any Channel, _ transmission: Core.Transmission) {
        let counts = state.withLock { state in
            guard state.links[transmission.flight]?.attempt == transmission.attempt else { return false }
            state.links[transmission.flight]?.channel = channel
            return true
        }
        guard counts else { return channel.close(promise: nil) }
        switch transmission.transport {
        case .udp: channel.writeAndFlush(channel.allocator.buffer(bytes: transmission.message), promise: nil)
        case .tcp: channel.writeFramed(transmission.message)
        }
    }

    private func failed(_ transmission: Core.Transmission) {
        perform(
            state.withLock {
                $0.core.failed(flight: transmission.flight, attempt: transmission.attempt, random: &$0.random)
            })
    }

    private func received(_ message: [UInt8], _ transmission: Core.Transmission) {
        perform(
            state.withLock {
                $0.core.received(
                    message, flight: transmission.flight, attempt: transmission.attempt, random: &$0.random)
            })
    }

    private func end(_ link: Link?) {
        link?.timer.cancel()
        link?.channel?.close(promise: nil)
    }

    private func open(_ transmission: Core.Transmission) -> EventLoopFuture<any Channel> {
        let loop = group.next()
        do {
            let address = try SocketAddress(
                ipAddress: "\(transmission.server.address)", port: Int(transmission.server.port))
            let listener = UpstreamListener(
                received: { self.received($0, transmission) }, failed: { self.failed(transmission) })
            switch transmission.transport {
            case .udp:
                return DatagramBootstrap(group: loop)
                    .channelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(DatagramUpstream(listener))
                        }
                    }
                    .connect(to: address)
            case .tcp:
                return ClientBootstrap(group: loop)
                    .connectTimeout(timeout)
                    .channelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandlers(
                                ByteToMessageHandler(MessageFraming()), StreamUpstream(listener))
                        }
                    }
                    .connect(to: address)
            }
        } catch {
            return loop.makeFailedFuture(error)
        }
    }
}

/// What comes of one attempt.
private struct UpstreamListener: Sendable {
    let received: @Sendable ([UInt8]) -> Void
    let failed: @Sendable () -> Void
}

private final class DatagramUpstream: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let listener: UpstreamListener

    init(_ listener: UpstreamListener) { self.listener = listener }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        listener.received(Array(unwrapInboundIn(data).data.readableBytesView))
    }

    /// Such as: nothing listens there.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { listener.failed() }
}

private final class StreamUpstream: ChannelInboundHandler {
    typealias InboundIn = [UInt8]

    private let listener: UpstreamListener

    init(_ listener: UpstreamListener) { self.listener = listener }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { listener.received(unwrapInboundIn(data)) }

    func channelInactive(context: ChannelHandlerContext) { listener.failed() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
