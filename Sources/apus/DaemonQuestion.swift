import ArgumentParser
import Glibc
import NetTypes

/// Asks the running daemon over its metrics address: one HTTP/1.0 request.
enum DaemonQuestion {
    /// With a body it is a PUT, otherwise a GET. Throws what the daemon refuses it with. `seconds` bound each wait for a
    /// part of the answer.
    static func ask(
        _ path: String, putting content: String? = nil, at text: String, within seconds: Int? = nil
    ) throws -> String {
        guard let address = AddressPort(text), address.address.family == .ipv4 else {
            throw ValidationError("--metrics-bind-address '\(text)' is not ADDRESS:PORT; write 127.0.0.1:10249")
        }
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = address.port.bigEndian
        target.sin_addr.s_addr = address.address.v4.bigEndian
        let isConnected = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            let remedy = content == nil ? "start apus proxy, or name --manifests" : "start apus proxy"
            throw CommandFailure("no daemon answers at \(address) (\(String(cString: strerror(errno)))); \(remedy)")
        }
        if let seconds {
            var patience = timeval(tv_sec: seconds, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        let head = "\(content == nil ? "GET" : "PUT") \(path) HTTP/1.0\r\nHost: \(address)\r\n"
        let request = head + (content.map { "Content-Length: \($0.utf8.count)\r\n\r\n\($0)" } ?? "\r\n")
        _ = request.withCString { write(descriptor, $0, request.utf8.count) }
        return try body(of: readAll(descriptor))
    }

    private static func readAll(_ descriptor: CInt) -> [UInt8] {
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 { answer += buffer[..<count] }
        return answer
    }

    private static func body(of answer: [UInt8]) throws -> String {
        let text = String(decoding: answer, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n"), text.hasPrefix("HTTP/1.") else {
            throw CommandFailure("the daemon gave no answer")
        }
        let body = String(text[end.upperBound...])
        guard text.dropFirst("HTTP/1.x ".count).hasPrefix("200") else { throw CommandFailure(body.trimmingEnd) }
        return body
    }
}

extension String {
    fileprivate var trimmingEnd: String { String(reversed().drop { $0.isWhitespace }.reversed()) }

    fileprivate func range(of text: String) -> Range<Index>? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(text), let end = self.index(index, offsetBy: text.count, limitedBy: endIndex) {
                return index..<end
            }
            index = self.index(after: index)
        }
        return nil
    }
}
