import Bench
import CLinux
import Glibc

/// One HTTP request to a server on 127.0.0.1, in the calling thread's namespace.
enum LoopbackRequest {
    /// Reads the whole answer; throws unless its status is 200.
    static func get(_ path: String, port: UInt16) throws(BenchError) {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard connect(descriptor, port) else { throw BenchError("nothing answers on 127.0.0.1:\(port)") }
        let request = Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        guard send(descriptor, request, request.count, CInt(MSG_NOSIGNAL)) == request.count else {
            throw BenchError("cannot ask 127.0.0.1:\(port)\(path)")
        }
        let answer = readAll(descriptor)
        guard answer.starts(with: "HTTP/1.1 200".utf8) else {
            throw BenchError(
                "127.0.0.1:\(port)\(path) answered '\(String(decoding: answer.prefix(80), as: UTF8.self))'")
        }
    }

    private static func connect(_ descriptor: CInt, _ port: UInt16) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: INADDR_LOOPBACK.bigEndian)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func readAll(_ descriptor: CInt) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { bytes += buffer[..<count] }
        return bytes
    }
}
