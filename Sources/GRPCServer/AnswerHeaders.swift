import NIOHPACK

/// The header blocks of answers.
enum AnswerHeaders {
    static let begin: HPACKHeaders = [":status": "200", "content-type": "application/grpc"]
    private static let ok: HPACKHeaders = ["grpc-status": "0"]

    /// After messages.
    static func end(_ status: RPCStatus) -> HPACKHeaders {
        guard status != .ok else { return ok }
        var headers: HPACKHeaders = ["grpc-status": "\(status.code.rawValue)"]
        // Texts are seldom the same: they are not worth a place in the table of both sides.
        if !status.message.isEmpty {
            headers.add(name: "grpc-message", value: status.encodedMessage, indexing: .nonIndexable)
        }
        if status.code == .unimplemented { headers.add(name: "grpc-accept-encoding", value: "identity") }
        return headers
    }

    /// Instead of messages.
    static func only(_ status: RPCStatus) -> HPACKHeaders {
        var headers = begin
        headers.add(contentsOf: end(status))
        return headers
    }

    /// For what is not gRPC.
    static func http(status: String) -> HPACKHeaders { [":status": status, "content-length": "0"] }
}
