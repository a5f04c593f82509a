import FoundationEssentials

/// Where to listen, written as etcd does: http://127.0.0.1:2379, https://[::]:2379, unix:///run/etcd.sock (unixs for TLS).
public struct ListenURL: Sendable, Hashable, CustomStringConvertible {
    public enum Place: Sendable, Hashable {
        /// A numeric address; an empty one means all of this machine's.
        case address(String, port: Int)
        case socket(path: String)
    }

    public let place: Place
    public let hasTLS: Bool

    public struct Malformed: Error, CustomStringConvertible, Hashable {
        public let description: String
    }

    public init(_ text: String) throws(Malformed) {
        guard let colon = text.range(of: "://") else {
            throw Malformed(description: "'\(text)' is no URL: write http://127.0.0.1:2379 or unix:///run/etcd.sock")
        }
        let rest = String(text[colon.upperBound...])
        switch text[..<colon.lowerBound] {
        case "http", "https":
            hasTLS = text.hasPrefix("https")
            place = try Self.address(rest, of: text)
        case "unix", "unixs":
            hasTLS = text.hasPrefix("unixs")
            guard !rest.isEmpty else { throw Malformed(description: "'\(text)' names no socket file") }
            place = .socket(path: rest)
        default:
            throw Malformed(description: "'\(text)' is neither http, https, unix nor unixs")
        }
    }

    private static func address(_ rest: String, of text: String) throws(Malformed) -> Place {
        let authority = rest.prefix { $0 != "/" }
        guard authority.count == rest.count || rest.hasSuffix("/") && authority.count == rest.count - 1 else {
            throw Malformed(description: "'\(text)' has a path, and a listener has none")
        }
        guard let colon = authority.lastIndex(of: ":"), let port = UInt16(authority[authority.index(after: colon)...])
        else { throw Malformed(description: "'\(text)' has no port: write http://127.0.0.1:2379") }
        var host = String(authority[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        if host == "localhost" { host = "127.0.0.1" }
        let isNumeric =
            host.isEmpty || host.contains(":") && host.allSatisfy { $0.isHexDigit || ":.%".contains($0) }
            || host.split(separator: ".").count == 4 && host.split(separator: ".").allSatisfy { UInt8($0) != nil }
        guard isNumeric else {
            throw Malformed(description: "'\(text)' has a name where an address of this machine must be")
        }
        return .address(host, port: Int(port))
    }

    /// True when nobody on another machine can reach it.
    public var isLocal: Bool {
        switch place {
        case .socket: true
        case .address(let host, _): host == "::1" || host.hasPrefix("127.")
        }
    }

    /// Plain text is for this machine alone.
    public func requireSafe() throws(Malformed) {
        guard hasTLS || isLocal else {
            throw Malformed(
                description:
                    "\(self) would answer other machines in plain text: use https with --cert-file and --key-file, "
                    + "or listen on 127.0.0.1")
        }
    }

    public var description: String {
        switch place {
        case .socket(let path): "\(hasTLS ? "unixs" : "unix")://\(path)"
        case .address(let host, let port):
            "\(hasTLS ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        }
    }

    /// With the port that the system chose for port 0.
    func with(port: Int?) -> String {
        guard case .address(let host, 0) = place, let port else { return description }
        return "\(hasTLS ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
