import NIOCore

/// Sends a body piece by piece; returns when the network has taken the piece, so a slow client slows its own task alone.
struct ResponseWriter: Sendable {
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

    /// Fails when the client is gone.
    func write(_ bytes: [UInt8]) async throws {
        let bytes = transform?(bytes) ?? bytes
        guard !bytes.isEmpty else { return }
        let done = channel.eventLoop.makePromise(of: Void.self)
        channel.eventLoop.execute { [exchange] in exchange.value.writeBody(bytes, done) }
        try await done.futureResult.get()
    }
}
