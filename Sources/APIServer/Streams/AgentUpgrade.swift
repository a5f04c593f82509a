import NIOCore
import NIOHTTP1
import Synchronization

/// A connection to an agent after its answer to an upgrade: with status 101 it speaks the other protocol now. When nobody
/// joins it with a client's, it ends.
public final class AgentUpgrade: Sendable {
    private let channel: any Channel
    private let handshake: NIOLoopBound<UpgradeHandshake>
    public let head: HTTPResponseHead
    private let isJoined = Mutex(false)

    init(_ channel: any Channel, _ handshake: NIOLoopBound<UpgradeHandshake>, _ head: HTTPResponseHead) {
        self.channel = channel
        self.handshake = handshake
        self.head = head
    }

    deinit {
        if !isJoined.withLock({ $0 }) { channel.close(promise: nil) }
    }

    public var isUpgraded: Bool { head.status == .switchingProtocols }

    /// The text of a refusal, bounded.
    func refusal() async -> [UInt8] {
        let most = UpgradeHandshake.mostRefusalBytes
        let length = head.headers.first(name: "content-length").flatMap(Int.init) ?? most
        let promise = channel.eventLoop.makePromise(of: ByteBuffer.self)
        channel.eventLoop.execute { [handshake] in handshake.value.collect(max(0, min(length, most)), promise) }
        let deadline = channel.eventLoop.scheduleTask(in: .seconds(5)) { [channel] in channel.close(promise: nil) }
        let bytes = try? await promise.futureResult.get()
        deadline.cancel()
        channel.close(promise: nil)
        return Array((bytes ?? ByteBuffer()).readableBytesView.prefix(most))
    }

    /// Joins the connection with a client's, which has no HTTP handlers any more. On the client's event loop.
    func join(_ client: any Channel) -> EventLoopFuture<Void> {
        isJoined.withLock { $0 = true }
        let (agent, handshake) = (channel, handshake)
        return client.setOption(.autoRead, value: false).and(client.setOption(.allowRemoteHalfClosure, value: true))
            .flatMap { _ in
                agent.eventLoop.submit {
                    let rest = handshake.value.takeRest()
                    if agent.isActive {
                        _ = agent.pipeline.syncOperations.removeHandler(handshake.value)
                        try agent.pipeline.syncOperations.addHandler(RelayHandler(partner: client))
                    }
                    return rest
                }
            }.hop(to: client.eventLoop).flatMap { rest in
                client.eventLoop.makeCompletedFuture {
                    try client.pipeline.syncOperations.addHandler(RelayHandler(partner: agent))
                    let sent = client.writeAndFlush(rest.bytes)
                    if rest.isLast { sent.whenComplete { _ in client.close(mode: .output, promise: nil) } }
                    client.read()
                    agent.read()
                }
            }.flatMapErrorThrowing { error in
                agent.close(promise: nil)
                throw error
            }
    }
}

/// Waits for the head of the answer, then stops reading and keeps what came behind it. Confined to its event loop.
final class UpgradeHandshake: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    static let mostRefusalBytes = 64 * 1024

    private var reader = ResponseHeadReader()
    private var head: EventLoopPromise<HTTPResponseHead>?
    private var rest = ByteBuffer()
    private var wanted = 0
    private var collected: EventLoopPromise<ByteBuffer>?
    private var isClosed = false
    private var context: ChannelHandlerContext?

    init(_ head: EventLoopPromise<HTTPResponseHead>) { self.head = head }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        end(NoAnswer.closed)
    }

    /// `isLast`: the agent has sent all already.
    func takeRest() -> (bytes: ByteBuffer, isLast: Bool) {
        defer { rest = ByteBuffer() }
        return (rest, isClosed)
    }

    func collect(_ count: Int, _ promise: EventLoopPromise<ByteBuffer>) {
        wanted = count
        collected = promise
        if rest.readableBytes >= wanted || isClosed { end(NoAnswer.closed) } else { context?.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        guard head != nil else {
            rest.writeBuffer(&bytes)
            if collected != nil, rest.readableBytes >= wanted { end(NoAnswer.closed) }
            return
        }
        switch reader.read(&bytes) {
        case .needsMore: break
        case .head(let answer, let behind):
            _ = context.channel.setOption(.autoRead, value: false)
            rest = behind
            head?.succeed(answer)
            head = nil
        case .malformed(let reason):
            end(NoAnswer(description: "the answer cannot be read: \(reason)"))
            context.close(promise: nil)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if collected != nil { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { end(NoAnswer.closed) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(NoAnswer.closed)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(error)
        context.close(promise: nil)
    }

    private func end(_ error: any Error) {
        isClosed = true
        head?.fail(error)
        head = nil
        collected?.succeed(rest)
        collected = nil
    }
}
