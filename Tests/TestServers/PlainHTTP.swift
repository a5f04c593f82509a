import Glibc

/// HTTP/1.0 over IPv4, one connection per request, from the calling thread's network namespace. Blocks.
public enum PlainHTTP {
    public struct Failure: Error, CustomStringConvertible {
        public let code = errno
        public var description: String { String(cString: strerror(code)) }
    }

    private static let loopback: UInt32 = 0x7f00_0001

    /// The whole answer, head and body. `host` in the machine's byte order; 127.0.0.1 without one.
    public static func get(_ port: UInt16, _ path: String, host: UInt32? = nil) throws -> String {
        try request(host ?? loopback, port, "GET \(path) HTTP/1.0\r\n\r\n")
    }

    public static func put(_ port: UInt16, _ path: String, _ body: String) throws -> String {
        try request(loopback, port, "PUT \(path) HTTP/1.0\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    /// A port that nobody holds at the moment.
    public static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = address(loopback, 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) | getsockname(descriptor, $0, &length)
            }
        }
        guard result == 0 else { throw Failure() }
        return UInt16(bigEndian: address.sin_port)
    }

    /// A listening socket of the calling thread's namespace on 127.0.0.1, for whoever takes it over.
    public static func listeningSocket(port: UInt16) throws -> CInt {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var on: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<CInt>.size))
        var address = address(loopback, port)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0, listen(descriptor, 128) == 0 else {
            defer { close(descriptor) }
            throw Failure()
        }
        return descriptor
    }

    private static func address(_ host: UInt32, _ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = host.bigEndian
        return address
    }

    private static func request(_ host: UInt32, _ port: UInt16, _ text: String) throws -> String {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = address(host, port)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0, send(descriptor, text, text.utf8.count, CInt(MSG_NOSIGNAL)) == text.utf8.count else {
            throw Failure()
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { throw Failure() }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}
