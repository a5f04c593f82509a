/// Where and why a text is not JSON.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    public let position: TextPosition
    public let reason: String

    public init(_ position: TextPosition, _ reason: String) {
        self.position = position
        self.reason = reason
    }

    static let tooEarly = "the text ends too early"

    /// The text may be the beginning of JSON.
    public var endsEarly: Bool { reason.hasPrefix(Self.tooEarly) }

    /// `line 3, column 14: expected ',' or '}'`
    public var description: String { "line \(position.line), column \(position.column): \(reason)" }
}

/// A place in a text.
public struct TextPosition: Sendable, Hashable {
    /// From 1.
    public let line: Int
    /// From 1, in Unicode scalars.
    public let column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

extension TextPosition {
    /// Counts the lines of `bytes` before `offset`.
    init(offset: Int, in bytes: UnsafeBufferPointer<UInt8>) {
        var counter = LineCounter(bytes)
        self = counter.advance(to: offset)
    }
}

/// Turns ascending offsets into positions in one pass.
struct LineCounter {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = 0
    private var line = 1
    private var column = 1

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func advance(to end: Int) -> TextPosition {
        while offset < min(end, bytes.count) {
            let byte = bytes[offset]
            offset += 1
            if byte == UInt8(ascii: "\n") {
                (line, column) = (line + 1, 1)
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return TextPosition(line: line, column: column)
    }
}
