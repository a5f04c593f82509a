/// Follows the answers on one connection: where each ends, how long its body is. Answers need a Content-Length, as
/// every server of files and echoes gives.
struct HTTPAnswer {
    private enum State {
        case head
        case body(left: Int)
    }

    enum Event: Equatable {
        case incomplete
        /// The answer ended with these bytes.
        case complete
        /// Not an answer that this client understands.
        case invalid(String)
    }

    private var state = State.head
    private var head: [UInt8] = []
    /// The first word of the last body: an echo server's name. Empty until it is asked for with `keepsWord`.
    private(set) var word: [UInt8] = []
    var keepsWord = false

    private static let longestHead = 16_384
    private static let field = Array("content-length:".utf8)

    mutating func receive(_ bytes: UnsafeBufferPointer<UInt8>) -> Event {
        var rest = bytes[...]
        while true {
            switch state {
            case .body(let left):
                if keepsWord, word.isEmpty { word = Array(rest.prefix { $0 != UInt8(ascii: " ") }.prefix(64)) }
                guard rest.count >= left else {
                    state = .body(left: left - rest.count)
                    return .incomplete
                }
                state = .head
                return .complete
            case .head:
                guard let length = takeHead(&rest) else {
                    return head.count > Self.longestHead ? .invalid("a head without end") : .incomplete
                }
                guard head.starts(with: "HTTP/1.".utf8) else { return .invalid("no HTTP answer") }
                head.removeAll(keepingCapacity: true)
                guard let length else { return .invalid("no Content-Length") }
                state = .body(left: length)
            }
        }
    }

    /// Takes bytes up to the blank line; nil while that has not come, else what Content-Length says.
    private mutating func takeHead(_ rest: inout Slice<UnsafeBufferPointer<UInt8>>) -> Int?? {
        for index in rest.indices {
            head.append(rest[index])
            guard rest[index] == UInt8(ascii: "\n"), head.count >= 4, head[head.count - 3] == UInt8(ascii: "\n")
            else {
                if head.count > Self.longestHead { return nil }
                continue
            }
            rest = rest[(index + 1)...]
            return .some(contentLength)
        }
        rest = rest[rest.endIndex...]
        return nil
    }

    private var contentLength: Int? {
        for line in head.split(separator: UInt8(ascii: "\n")) where line.count > Self.field.count {
            guard zip(line, Self.field).allSatisfy({ $0 | 0x20 == $1 || $0 == $1 }) else { continue }
            var value = 0
            for byte in line.dropFirst(Self.field.count) where (0x30...0x39).contains(byte) {
                guard value < 1 << 40 else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        return nil
    }
}
