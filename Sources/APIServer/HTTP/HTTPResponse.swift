import NIOCore
import NIOHTTP1

/// One answer: whole, or written piece by piece, or a connection that speaks something else from now on.
struct HTTPResponse: Sendable {
    enum Body: Sendable {
        case bytes([UInt8])
        /// Runs after the head was sent. When it throws, the client sees a broken answer. `isLong`: it ends when the
        /// server shuts down.
        case stream(isLong: Bool, @Sendable (ResponseWriter) async throws -> Void)
        /// The same of a long body that somebody else writes: a client may leave it unread for as long as it likes.
        case relay(@Sendable (ResponseWriter) async throws -> Void)
        /// For status 101 on HTTP/1.1: called on the channel's event loop after the HTTP handlers are gone; adds its own.
        /// What the client sent already comes after the future's success.
        case upgrade(@Sendable (any Channel) -> EventLoopFuture<Void>)

        var isRelayed: Bool { if case .relay = self { true } else { false } }

        /// Ends when the server shuts down.
        var isLong: Bool { if case .stream(let isLong, _) = self { isLong } else { isRelayed } }
    }

    var status: Int
    var headers: HTTPHeaders
    var body: Body

    init(status: Int = 200, headers: HTTPHeaders = HTTPHeaders(), body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    init(status: Int = 200, _ contentType: String, _ bytes: [UInt8]) {
        self.init(status: status, headers: ["Content-Type": contentType], body: .bytes(bytes))
    }

    init(status: Int = 200, text: String) {
        self.init(status: status, "text/plain; charset=utf-8", Array(text.utf8))
    }
}
