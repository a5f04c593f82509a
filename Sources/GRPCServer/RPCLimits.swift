import NIOCore

/// What one connection may take.
public struct RPCLimits: Sendable, Hashable {
    /// Of a request.
    public var messageBytes = 4 << 20
    /// Of all messages together that have begun to arrive and are not complete, or that no stream's method has taken.
    public var unfinishedBytes = 64 << 20
    public var callsPerConnection = 10_000
    public var headerBytes = 16 << 10
    /// Of one stream's messages that are written and not sent: a writer waits beyond it.
    public var unsentBytes = 256 << 10
    /// Of answers that are written and not sent: further ones are not written before they are.
    public var unsentAnswerBytes = 16 << 20
    /// Answers that may be long, made or on their way at once.
    public var longAnswers = 8
    /// Of one stream's messages that came and nobody has taken: its client waits beyond it.
    public var unreadBytes = 256 << 10
    /// How long a client may take until it has said something in HTTP/2, TLS included.
    public var greeting = TimeAmount.seconds(10)

    public init() {}
}
