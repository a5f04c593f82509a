import NIOCore

/// One request as Kubernetes sees it; how it travels is the client's affair.
public struct KubeRequest: Sendable {
    public enum Verb: String, Sendable { case get, list, watch, create, update, patch, delete }

    public struct Parameter: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public var verb: Verb
    /// Begins with a slash; below the server's base path.
    public var path: String
    public var parameters: [Parameter]
    public var body: ByteBuffer?
    /// Of the body.
    public var contentType: String
    public var accept = "application/json"

    public init(
        _ verb: Verb, path: String, parameters: [Parameter] = [], body: ByteBuffer? = nil,
        contentType: String = "application/json"
    ) {
        self.verb = verb
        self.path = path
        self.parameters = parameters
        self.body = body
        self.contentType = contentType
    }

    var method: String {
        switch verb {
        case .get, .list, .watch: "GET"
        case .create: "POST"
        case .update: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        }
    }

    /// Path and query, percent-encoded.
    var target: String {
        guard !parameters.isEmpty else { return path }
        return path + "?" + parameters.map { "\($0.name)=\(percentEncoded($0.value))" }.joined(separator: "&")
    }
}

/// RFC 3986: everything but unreserved characters is escaped.
func percentEncoded(_ text: String) -> String {
    let hexadecimal = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            bytes.append(byte)
        default: bytes += [UInt8(ascii: "%"), hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
