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

/// What the server's refusal means to one who writes.
extension ClientError {
    private func answered(_ code: Int, _ reason: String) -> Bool {
        guard case .status(let status) = self else { return false }
        return status.reason.isEmpty ? status.code == code : status.reason == reason
    }

    public var isNotFound: Bool { answered(404, "NotFound") }
    /// The object has changed since it was read.
    public var isConflict: Bool { answered(409, "Conflict") }
    public var isAlreadyExists: Bool {
        guard case .status(let status) = self else { return false }
        return status.reason == "AlreadyExists"
    }
    public var isInvalid: Bool { answered(422, "Invalid") }
    public var isForbidden: Bool { answered(403, "Forbidden") }
    /// The namespace is being deleted: nothing can be created in it any more.
    public var isNamespaceTerminating: Bool {
        guard case .status(let status) = self else { return false }
        return status.causes.contains { $0.reason == "NamespaceTerminating" }
    }
    /// The status itself, when the server answered.
    public var status: Status? {
        guard case .status(let status) = self else { return nil }
        return status
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
