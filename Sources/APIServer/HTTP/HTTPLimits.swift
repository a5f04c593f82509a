import NIOCore

/// How much of a client's time and bytes the server bears.
struct HTTPLimits: Sendable {
    /// Upstream's MaxRequestBodyBytes.
    var bodyBytes = 3 << 20
    /// Upstream's URL limit is that of Go's headers; the decoder's own for all headers is 80 KiB.
    var streamsPerConnection = 1000
    /// From the connection, or the last answer's next byte, to the end of a request's head.
    var head = TimeAmount.seconds(32)
    var body = TimeAmount.seconds(60)
    /// Between requests.
    var idle = TimeAmount.seconds(180)
    /// How long one piece of an answer may wait for a client that does not read.
    var write = TimeAmount.seconds(120)
    /// How long requests that are worked on may go on at shutdown.
    var shutdown = Duration.seconds(10)
}
