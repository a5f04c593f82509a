/// Base URL of an API server.
public struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
    public var isTLS: Bool
    /// Without the brackets of an IPv6 address.
    public var host: String
    public var port: Int
    /// Prefix of every request path, without a slash at its end; usually empty.
    public var path: String

    public init(isTLS: Bool = true, host: String, port: Int, path: String = "") {
        self.isTLS = isTLS
        self.host = host
        self.port = port
        self.path = path
    }

    /// `scheme://host[:port][/path]`; text without a scheme gets the given one. nil for anything else.
    public init?(parsing text: String, defaultIsTLS: Bool = true) {
        var rest = text[...]
        isTLS = defaultIsTLS
        if let separator = text.firstRange(of: "://") {
            switch text[..<separator.lowerBound].lowercased() {
            case "https": isTLS = true
            case "http": isTLS = false
            default: return nil
            }
            rest = text[separator.upperBound...]
        }
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains(where: { $0 == "@" || $0 == "?" || $0 == "#" || $0.isWhitespace }) else { return nil }
        path = String(rest[authority.endIndex...])
        while path.hasSuffix("/") { path.removeLast() }
        guard !path.contains(where: { $0 == "?" || $0 == "#" || $0.isWhitespace }) else { return nil }
        guard let (host, portText) = Self.split(authority), !host.isEmpty else { return nil }
        guard let portText else {
            self.host = host
            port = isTLS ? 443 : 80
            return
        }
        guard let port = UInt16(portText), port > 0 else { return nil }
        self.host = host
        self.port = Int(port)
    }

    private static func split(_ authority: Substring) -> (host: String, port: Substring?)? {
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let host = String(authority[authority.index(after: authority.startIndex)..<end])
            let rest = authority[authority.index(after: end)...]
            if rest.isEmpty { return (host, nil) }
            return rest.first == ":" ? (host, rest.dropFirst()) : nil
        }
        guard let colon = authority.lastIndex(of: ":") else { return (String(authority), nil) }
        guard authority.firstIndex(of: ":") == colon else { return nil }
        return (String(authority[..<colon]), authority[authority.index(after: colon)...])
    }

    /// `host:port` as it stands in a URL or a Host header.
    public var authority: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    public var description: String { "\(isTLS ? "https" : "http")://\(authority)\(path)" }
}
