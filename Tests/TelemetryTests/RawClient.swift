import Glibc

/// A TCP connection to a port of 127.0.0.1 or ::1, byte by byte; every wait ends after five seconds.
final class RawClient {
    struct Failure: Error {
        let call: String
        let code: CInt
    }

    private let descriptor: CInt

    init(port: UInt16, isIPv6: Bool = false) throws {
        descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let result: CInt
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = in6addr_loopback
            result = Self.connect(descriptor, &address)
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            result = Self.connect(descriptor, &address)
        }
        guard result == 0 else { throw Failure(call: "connect", code: errno) }
    }

    deinit { close(descriptor) }

    private static func connect<Address>(_ descriptor: CInt, _ address: inout Address) -> CInt {
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }

    func send(_ text: String) throws {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failure(call: "send", code: errno) }
            bytes = bytes.dropFirst(count)
        }
    }

    /// The next bytes; nil when the peer has closed or reset.
    func receive() throws -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count == 0 || count < 0 && errno == ECONNRESET { return nil }
        guard count > 0 else { throw Failure(call: "recv", code: errno) }
        return Array(buffer[..<count])
    }

    struct Answer {
        var status: Int
        var headers: [String: String]
        var body: String
    }

    /// Reads one answer; a HEAD request's has no body.
    func answer(toHead: Bool = false) throws -> Answer {
        var bytes: [UInt8] = []
        func text() -> String { String(decoding: bytes, as: UTF8.self) }
        while !text().contains("\r\n\r\n") {
            guard let more = try receive() else { throw Failure(call: "closed after \(text())", code: 0) }
            bytes += more
        }
        let lines = text().split(separator: "\r\n", omittingEmptySubsequences: false)
        var headers: [String: String] = [:]
        for line in lines.dropFirst().prefix(while: { !$0.isEmpty }) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = String(line[colon...].dropFirst(2))
        }
        let headLength = lines.prefix { !$0.isEmpty }.reduce(0) { $0 + $1.utf8.count + 2 } + 2
        let length = toHead ? 0 : headers["content-length"].flatMap { Int($0) } ?? 0
        while bytes.count < headLength + length {
            guard let more = try receive() else { throw Failure(call: "body", code: 0) }
            bytes += more
        }
        let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return Answer(
            status: status, headers: headers,
            body: String(decoding: bytes[headLength..<(headLength + length)], as: UTF8.self))
    }

    func get(_ path: String, method: String = "GET") throws -> Answer {
        try send("\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return try answer(toHead: method == "HEAD")
    }
}
