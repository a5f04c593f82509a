import NIOCore

/// Sends a body piece by piece; returns when the network has taken the piece, so a slow client slows its own task alone.
struct ResponseWriter: Sendable {
    private let channel: any Channel
    private let exchange: NIOLoopBound<ExchangeHandler>

    init(_ channel: any Channel, _ exchange: NIOLoopBound<ExchangeHandler>) {
        self.channel = channel
        self.exchange = exchange
    }

    /// Fails when the client is gone.
    func write(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        let done = channel.eventLoop.makePromise(of: Void.self)
        channel.eventLoop.execute { [exchange] in exchange.value.writeBody(bytes, done) }
        try await done.futureResult.get()
    }
}
