import NIOCore
import NIOHPACK

/// What a request's headers say.
struct CallHead {
    let path: String
    let timeout: TimeAmount?

    enum Refusal: Error, Equatable {
        /// Not gRPC at all: answered in HTTP's terms.
        case http(status: String)
        case call(RPCStatus)
    }

    init(_ headers: HPACKHeaders) throws(Refusal) {
        var path = ""
        var timeout: TimeAmount?
        var isPost = false
        var isGRPC = false
        for (name, value, _) in headers {
            switch name {
            case ":path": path = value
            case ":method": isPost = value == "POST"
            case "content-type": isGRPC = Self.isGRPC(value)
            case "grpc-timeout":
                timeout = CallTimeout.parse(value)
                if timeout == nil { throw .call(RPCStatus(.internalError, "malformed grpc-timeout: \(value)")) }
            case "grpc-encoding" where value != "identity":
                // In grpc-go's words.
                throw .call(
                    RPCStatus(.unimplemented, "grpc: Decompressor is not installed for grpc-encoding \"\(value)\""))
            default: continue
            }
        }
        guard isPost else { throw .http(status: "405") }
        guard isGRPC else { throw .http(status: "415") }
        self.path = path
        self.timeout = timeout
    }

    /// `application/grpc`, also with a subtype or parameters; not `application/grpc-web`.
    static func isGRPC(_ contentType: String) -> Bool {
        let base = "application/grpc"
        guard contentType.hasPrefix(base) else { return false }
        guard let next = contentType.utf8.dropFirst(base.utf8.count).first else { return true }
        return next == UInt8(ascii: "+") || next == UInt8(ascii: ";")
    }
}
