import NetTypes

/// Asks for a page over plain HTTP, from this thread's network namespace.
enum PageQuestion {
    struct Answer: Equatable {
        let status: Int
        let body: String
    }

    /// nil when no whole answer came in time.
    static func get(_ path: String, at server: AddressPort, within limit: Duration) throws -> Answer? {
        let socket = try TimedSocket(server.address.family, .tcp, within: limit)
        let request = "GET \(path) HTTP/1.1\r\nHost: \(server)\r\nConnection: close\r\n\r\n"
        guard socket.connect(server), socket.send(Array(request.utf8)) else { return nil }
        var bytes: [UInt8] = []
        while let part = socket.receive() {
            guard part.isEmpty else {
                bytes += part
                continue
            }
            return answer(String(decoding: bytes, as: UTF8.self))
        }
        return nil
    }

    static func answer(_ text: String) -> Answer? {
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let words = text[..<end.lowerBound].split(separator: " ", maxSplits: 2)
        guard words.count > 1, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else { return nil }
        return Answer(status: status, body: String(text[end.upperBound...]))
    }
}
