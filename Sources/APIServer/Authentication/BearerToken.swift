import KubeAPI
import PKI

/// Where requests carry their token.
enum BearerToken {
    /// A browser's WebSocket cannot set headers: the token comes as a subprotocol, in base64url.
    static let protocolPrefix = "base64url.bearer.authorization.k8s.io."

    /// `Authorization: Bearer …` (RFC 6750), or a subprotocol beside which another one is offered.
    static func of(_ input: AuthenticationInput) -> String? {
        if let header = input["authorization"] {
            let parts = header.split(separator: " ", omittingEmptySubsequences: true)
            guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
            return String(parts[1])
        }
        guard input["upgrade"]?.lowercased() == "websocket" else { return nil }
        let protocols = offered(input.headers["sec-websocket-protocol"] ?? [])
        let tokens = protocols.filter { $0.hasPrefix(protocolPrefix) }
        guard tokens.count == 1, protocols.count > 1, let token = tokens.first else { return nil }
        return Base64URL.decode(token.dropFirst(protocolPrefix.utf8.count))
            .flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// The names in `Sec-WebSocket-Protocol`.
    static func offered(_ headers: [String]) -> [String] {
        headers.flatMap { $0.split(separator: ",") }.map { name in
            String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }
}
