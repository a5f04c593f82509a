import NetTypes

/// The line a backend answers with: `backend-1 10.1.0.2:8080 from 10.2.0.2:43210`.
public struct EchoReply: Hashable, Sendable, LosslessStringConvertible {
    /// The name the server was given.
    public let backend: String
    /// Where the backend received the request.
    public let local: AddressPort
    /// Who the backend thinks it talks to: the client, or whatever masqueraded it.
    public let peer: AddressPort

    public init(backend: String, local: AddressPort, peer: AddressPort) {
        self.backend = backend
        self.local = local
        self.peer = peer
    }

    /// Parses the line without its newline.
    public init?(_ description: String) {
        let words = description.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 4, words[2] == "from", !words[0].isEmpty, let local = AddressPort(String(words[1])),
            let peer = AddressPort(String(words[3]))
        else { return nil }
        self.init(backend: String(words[0]), local: local, peer: peer)
    }

    public var description: String { "\(backend) \(local) from \(peer)" }

    var line: [UInt8] { Array("\(self)\n".utf8) }

    /// A response that keeps the connection open, with the line as its body.
    var httpResponse: [UInt8] {
        let body = "\(self)\n"
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        return Array((head + body).utf8)
    }
}
