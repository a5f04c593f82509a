/// How a call ended: one of gRPC's codes (grpc/grpc, doc/statuscodes.md) and a sentence for the caller.
public struct RPCStatus: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: Int, Sendable, CaseIterable {
        case ok, cancelled, unknown, invalidArgument, deadlineExceeded, notFound, alreadyExists, permissionDenied,
            resourceExhausted, failedPrecondition, aborted, outOfRange, unimplemented, internalError, unavailable,
            dataLoss, unauthenticated
    }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String = "") {
        self.code = code
        self.message = message
    }

    /// What a caller hears of an error that a method threw.
    public init(_ error: any Error) {
        switch error {
        case let status as RPCStatus: self = status
        case let error as any RPCStatusConvertible: self = error.rpcStatus
        case is CancellationError: self.init(.cancelled, "the call was cancelled")
        default: self.init(.unknown, "\(error)")
        }
    }

    public static let ok = RPCStatus(.ok)

    public var description: String { "\(code): \(message)" }

    /// `grpc-message` as it is sent: what is not printable ASCII, and `%`, as `%XX` of its UTF-8.
    var encodedMessage: String {
        let needsNone = message.utf8.allSatisfy { Self.isPlain($0) }
        if needsNone { return message }
        var encoded = ""
        for byte in message.utf8 {
            if Self.isPlain(byte) {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return encoded
    }

    private static func isPlain(_ byte: UInt8) -> Bool { (0x20...0x7e).contains(byte) && byte != UInt8(ascii: "%") }
}

/// An error with a code of its own.
public protocol RPCStatusConvertible: Error {
    var rpcStatus: RPCStatus { get }
}
