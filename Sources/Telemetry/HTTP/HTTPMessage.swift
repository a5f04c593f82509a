/// What a handler is asked.
public struct HTTPRequest: Sendable {
    /// Such as `GET`; a HEAD request reaches its handler as one.
    public let method: String
    /// Without the query, not decoded.
    public let path: String
    /// Behind the question mark, not decoded; empty without one.
    public let query: String
    public let headers: [HTTPHeader]
    public let body: [UInt8]
    /// The connection's ports, the client's and this server's.
    let ports: SocketOwner.Ports

    /// True when a process of root in this network namespace sent it.
    public var isFromRoot: Bool { SocketOwner.isRoot(ports) }

    /// The first header of that name, whatever its letters' case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

public struct HTTPHeader: Sendable, Hashable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What a handler answers. The server adds Content-Length, and Connection where needed.
public struct HTTPResponse: Sendable {
    public var status: Int
    public var headers: [HTTPHeader]
    public var body: [UInt8]

    public init(status: Int = 200, headers: [HTTPHeader] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public static func text(_ text: String, status: Int = 200, headers: [HTTPHeader] = []) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [HTTPHeader("Content-Type", "text/plain; charset=utf-8")] + headers,
            body: Array(text.utf8))
    }

    public static func json(_ body: [UInt8], status: Int = 200, headers: [HTTPHeader] = []) -> HTTPResponse {
        HTTPResponse(status: status, headers: [HTTPHeader("Content-Type", "application/json")] + headers, body: body)
    }
}
