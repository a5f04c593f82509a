import NIOHTTP1

/// One request, whole.
struct HTTPRequest: Sendable {
    var method: String
    /// As it stands in the request: path and query.
    var uri: String
    /// Decoded.
    var path: String
    var query: Query
    var headers: HTTPHeaders
    var body: [UInt8]
    var connection: ConnectionInfo

    init(
        method: String, uri: String, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = [],
        connection: ConnectionInfo = ConnectionInfo()
    ) {
        self.method = method
        self.uri = uri
        self.headers = headers
        self.body = body
        self.connection = connection
        let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = PercentCoding.decoded(parts.first ?? "", plusIsSpace: false)
        query = Query(parsing: parts.count > 1 ? parts[1] : "")
    }

    /// `Connection: Upgrade` with a protocol, on HTTP/1.1.
    var upgradeProtocol: String? {
        guard connection.protocolVersion == .http1,
            headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" })
        else { return nil }
        return headers.first(name: "upgrade")
    }
}

/// What is known of the connection that a request came on.
struct ConnectionInfo: Sendable {
    enum ProtocolVersion: Sendable { case http1, http2 }

    var protocolVersion = ProtocolVersion.http1
    var isSecure = false
    /// `10.0.0.1:40312`
    var remoteAddress = ""
    /// DER of the client's certificate, whose chain has been verified.
    var peerCertificate: [UInt8]?
}

/// The parameters of a URL in their order.
struct Query: Sendable, Hashable {
    struct Item: Sendable, Hashable {
        let name: String
        let value: String
    }

    private(set) var items: [Item]

    init(parsing text: some StringProtocol) {
        items = text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return Item(
                name: PercentCoding.decoded(parts[0], plusIsSpace: true),
                value: parts.count > 1 ? PercentCoding.decoded(parts[1], plusIsSpace: true) : "")
        }
    }

    /// The first of that name.
    subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    func all(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

    /// Go's ParseBool, with an empty value for true as in apimachinery's conversion.
    func flag(_ name: String) -> Bool {
        guard let value = self[name] else { return false }
        return !["false", "0", "f", "F", "FALSE", "False"].contains(value)
    }
}

/// RFC 3986, section 2.1. A percent sign without two digits stands for itself.
enum PercentCoding {
    static func decoded(_ text: some StringProtocol, plusIsSpace: Bool) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || plusIsSpace && $0 == UInt8(ascii: "+") }) else {
            return String(text)
        }
        let bytes = Array(text.utf8)
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "%"), index + 1 < bytes.count, let high = digit(bytes[index]),
                let low = digit(bytes[index + 1])
            {
                decoded.append(high << 4 | low)
                index += 2
            } else {
                decoded.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
