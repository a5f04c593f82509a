import NIOCore
import NIOHTTP1

/// Reads the head of an HTTP/1.1 answer (RFC 9112, section 2), byte by byte bounded; what follows it is left as it is. A
/// sans-IO machine: after an upgrade the bytes behind the head are no longer HTTP.
struct ResponseHeadReader {
    enum Result {
        case needsMore
        /// The bytes behind the head come with it.
        case head(HTTPResponseHead, rest: ByteBuffer)
        case malformed(String)
    }

    static let mostBytes = 64 * 1024

    private var collected = ByteBuffer()

    mutating func read(_ bytes: inout ByteBuffer) -> Result {
        collected.writeBuffer(&bytes)
        let view = collected.readableBytesView
        guard let end = Self.endOfHead(view) else {
            return collected.readableBytes > Self.mostBytes ? .malformed("its head is too long") : .needsMore
        }
        let text = String(decoding: view[..<end], as: UTF8.self)
        collected.moveReaderIndex(forwardBy: end - view.startIndex)
        guard let head = Self.parse(text) else { return .malformed("its head is no HTTP/1.1") }
        // Interim answers come before the real one.
        if (100..<200).contains(head.status.code), head.status.code != 101 {
            var none = ByteBuffer()
            return read(&none)
        }
        return .head(head, rest: collected)
    }

    /// Behind the empty line.
    private static func endOfHead(_ bytes: ByteBufferView) -> Int? {
        var isLineEmpty = true
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: "\n"):
                if isLineEmpty, index > bytes.startIndex + 1 { return index + 1 }
                isLineEmpty = true
            case UInt8(ascii: "\r"): break
            default: isLineEmpty = false
            }
        }
        return nil
    }

    private static func parse(_ text: String) -> HTTPResponseHead? {
        // A carriage return and a line feed are one Character.
        let lines = text.split(whereSeparator: \.isNewline)
        guard let first = lines.first else { return nil }
        let words = first.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0] == "HTTP/1.1" || words[0] == "HTTP/1.0", words[1].utf8.count == 3,
            let code = Int(words[1]), (100...599).contains(code)
        else { return nil }
        var headers = HTTPHeaders()
        for line in lines.dropFirst() {
            guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")), isToken(line[..<colon]) else { return nil }
            let value = line[colon...].dropFirst().drop { $0 == " " || $0 == "\t" }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") }) else { return nil }
            headers.add(name: String(line[..<colon]), value: String(value))
        }
        return HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: code), headers: headers)
    }

    /// RFC 9110, section 5.6.2. NIO's headers do not bear other names.
    private static func isToken(_ text: Substring) -> Bool {
        let signs = Array("!#$%&'*+-.^_`|~".utf8)
        return !text.isEmpty
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: signs.contains($0)
                }
            }
    }
}
