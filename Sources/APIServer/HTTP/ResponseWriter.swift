import NIOCore
import Synchronization

/// Sends a body piece by piece. A piece for a client that has not taken what was sent before is waited for, so a slow
/// client slows its own task alone.
struct ResponseWriter: Sendable {
    /// What may be on its way to the event loop unseen by the channel's own count.
    private static let mostUnderWay = 64 << 10

    private final class UnderWay: Sendable {
        let bytes = Atomic(0)
    }

    private let underWay = UnderWay()
    private let channel: any Channel
    private let exchange: NIOLoopBound<ExchangeHandler>
    private var transform: (@Sendable ([UInt8]) -> [UInt8])?

    init(_ channel: any Channel, _ exchange: NIOLoopBound<ExchangeHandler>) {
        self.channel = channel
        self.exchange = exchange
    }

    /// A writer whose pieces are changed on their way.
    func through(_ transform: @escaping @Sendable ([UInt8]) -> [UInt8]) -> ResponseWriter {
        var writer = self
        writer.transform = transform
        return writer
    }

    var loop: any EventLoop { channel.eventLoop }

    /// Whether the client has taken most of what was sent.
    var hasRoom: Bool { channel.isWritable }

    /// On the event loop, for a body without a transform. False when the client has yet to take much of what was sent.
    func writeNow(_ bytes: ByteBuffer) -> Bool {
        exchange.value.writeBody(bytes, nil)
        return hasRoom
    }

    /// Fails when the client is gone.
    func write(_ bytes: [UInt8]) async throws {
        let bytes = transform?(bytes) ?? bytes
        guard !bytes.isEmpty else { return }
        let sum = underWay.bytes.add(bytes.count, ordering: .relaxed).newValue
        if sum <= Self.mostUnderWay, hasRoom {
            return channel.eventLoop.execute { [exchange, underWay] in
                underWay.bytes.subtract(bytes.count, ordering: .relaxed)
                exchange.value.writeBody(ByteBuffer(bytes: bytes), nil)
            }
        }
        underWay.bytes.subtract(bytes.count, ordering: .relaxed)
        let done = channel.eventLoop.makePromise(of: Void.self)
        channel.eventLoop.execute { [exchange] in exchange.value.writeBody(ByteBuffer(bytes: bytes), done) }
        try await done.futureResult.get()
    }
}
