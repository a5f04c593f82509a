import KubeAPI
import NIOCore

/// Why a request to the API server brought no result.
public enum ClientError: Error, CustomStringConvertible {
    /// The server answered with an error.
    case status(Status)
    /// No answer: connection, TLS or time ran out.
    case unreachable(String)
    /// The answer was not what it should be.
    case malformed(String)
    /// No credentials could be had for the request.
    case credentials(String)
    /// The task was cancelled.
    case cancelled

    public var description: String {
        switch self {
        case .status(let status):
            ["API server answered \(status.code)", status.reason, status.message].filter { !$0.isEmpty }
                .joined(separator: " ")
        case .unreachable(let reason): "API server not reached: \(reason)"
        case .malformed(let reason): "answer not understood: \(reason)"
        case .credentials(let reason): "no credentials: \(reason)"
        case .cancelled: "cancelled"
        }
    }
}

extension Status {
    /// Of an error answer; a body that is no Status becomes the message.
    init(code: Int, body: ByteBuffer) {
        if let json = try? JSONParser.parse(body.readableBytesView), let status = try? Status(json: json) {
            self = status
        } else {
            self.init(
                message: String(
                    buffer: body.getSlice(at: body.readerIndex, length: min(200, body.readableBytes)) ?? body))
        }
        self.code = code
    }

    var retryAfter: Duration? { retryAfterSeconds.map { .seconds(min($0, 300)) } }

    /// The revision asked for lies in the server's future.
    var isResourceVersionTooLarge: Bool { causes.contains { $0.reason == "ResourceVersionTooLarge" } }
}
