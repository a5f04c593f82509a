import NIOCore
import NIOHTTP1

/// What a client may cost.
public struct HTTPLimits: Sendable {
    /// Names and values together, in bytes.
    public var headerBytes = 16 * 1024
    public var headerCount = 64
    public var bodyBytes = 64 * 1024
    /// At one listener. Further ones take the place of those that wait longest for a request; where all are being answered
    /// they are closed at once.
    public var connections = 100
    /// From a connection's begin, or a head, until the whole request is there.
    public var readTimeout = Duration.seconds(10)
    /// Until the client has taken the answer.
    public var writeTimeout = Duration.seconds(30)
    /// Between requests on one connection, until the next head is there.
    public var idleTimeout = Duration.seconds(90)

    public init() {}

    var decoder: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = headerBytes
        limits.maxHeaderListSize = headerBytes
        limits.maxHeaderFieldCount = headerCount
        return limits
    }
}
