import NIOCore
import NIOHTTP2

/// Answers of one connection that its client has not taken yet. They are bounded, so that a client that asks for much and
/// does not read costs little memory.
struct AnswerBacklog {
    /// Answers up to this size are not counted.
    static let smallBytes = 1 << 10

    /// Of answers that are written and not sent.
    var unsentBytes = 0
    /// Answers that are not written before those are sent.
    var postponed = CircularBuffer<(HTTP2StreamID, Encode)>()
    /// Answers that may be long: how many are being made or sent, and those that wait for that.
    var long = 0
    var waiting = CircularBuffer<(HTTP2StreamID, @Sendable () async throws -> Encode)>()

    /// The call is over.
    mutating func forget(_ id: HTTP2StreamID) {
        if !postponed.isEmpty { postponed.removeAll { $0.0 == id } }
        if !waiting.isEmpty { waiting.removeAll { $0.0 == id } }
    }
}
