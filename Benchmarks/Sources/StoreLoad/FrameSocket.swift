import Foundation
import Glibc

/// HTTP/2 towards a server in plain text, as little of it as calls of one method need: no windows that close, no
/// compression of headers, one thread that waits for bytes. It costs the machine little beside what it measures.
struct FrameSocket {
    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ what: String) { description = "\(what): \(String(cString: strerror(errno)))" }
    }

    struct Frame {
        let type: UInt8
        let flags: UInt8
        let stream: UInt32
        let payload: ArraySlice<UInt8>
    }

    private enum Kind {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let settings: UInt8 = 4
        static let ping: UInt8 = 6
        static let windowUpdate: UInt8 = 8
    }

    static let data = Kind.data

    private let descriptor: CInt
    private var buffer: [UInt8] = []
    private var start = 0
    private var chunk = [UInt8](repeating: 0, count: 1 << 18)

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(clamping: port)).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let outcome = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) }
        }
        guard outcome == 0 else { throw Failure("cannot connect to port \(port)") }
        try write(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8))
        // The window of each stream, and of the connection.
        try send(Kind.settings, 0, 0, [0, 4, 0x7f, 0xff, 0xff, 0xff])
        try send(Kind.windowUpdate, 0, 0, [0x7f, 0xff, 0, 0])
    }

    func open(_ stream: UInt32, _ path: String) throws {
        let headers = [
            (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "127.0.0.1"),
            ("content-type", "application/grpc"), ("te", "trailers"),
        ]
        // Literals without indexing and Huffman codes (RFC 7541, 6.2.2).
        let block = headers.flatMap { name, value -> [UInt8] in
            [0, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
        }
        try send(Kind.headers, 4, stream, block)
    }

    func message(_ stream: UInt32, _ bytes: [UInt8]) throws {
        let length = UInt32(bytes.count)
        try send(Kind.data, 0, stream, [0] + withUnsafeBytes(of: length.bigEndian) { Array($0) } + bytes)
    }

    private func send(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8]) throws {
        let length = withUnsafeBytes(of: UInt32(payload.count).bigEndian) { Array($0) }
        try write(length.dropFirst() + [type, flags] + withUnsafeBytes(of: stream.bigEndian) { Array($0) } + payload)
    }

    private func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Failure("cannot write") }
            rest = rest.dropFirst(count)
        }
    }

    /// The next frame; what the protocol asks for is answered meanwhile.
    mutating func next() throws -> Frame {
        while true {
            if let frame = take() {
                switch frame.type {
                case Kind.settings where frame.flags & 1 == 0: try send(Kind.settings, 1, 0, [])
                case Kind.ping where frame.flags & 1 == 0: try send(Kind.ping, 1, 0, Array(frame.payload))
                default: return frame
                }
                continue
            }
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Failure("the server has closed the connection") }
            buffer.removeFirst(start)
            start = 0
            buffer += chunk[..<count]
        }
    }

    private mutating func take() -> Frame? {
        let head = buffer[start...].prefix(9)
        guard head.count == 9 else { return nil }
        let length = Int(head[start]) << 16 | Int(head[start + 1]) << 8 | Int(head[start + 2])
        guard buffer.count - start >= 9 + length else { return nil }
        let stream = head[(start + 5)...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
        defer { start += 9 + length }
        return Frame(
            type: head[start + 3], flags: head[start + 4], stream: stream,
            payload: buffer[(start + 9)..<(start + 9 + length)])
    }

    func close() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        Glibc.close(descriptor)
    }
}
