/// Writes JSON text; what it writes, `JSONParser` reads back as the same value.
public enum JSONWriter {
    public enum Style: Sendable {
        /// No white space.
        case compact
        /// A member or element per line, two spaces per level.
        case pretty
    }

    public static func text(_ value: JSONValue, _ style: Style = .compact) -> String {
        String(decoding: bytes(value, style), as: UTF8.self)
    }

    public static func bytes(_ value: JSONValue, _ style: Style = .compact) -> [UInt8] {
        var output = Output(style: style)
        output.write(value, level: 0)
        return output.bytes.array
    }

    private struct Output: ~Copyable {
        let style: Style
        var bytes = GrowingBytes()

        init(style: Style) { self.style = style }

        mutating func write(_ value: JSONValue, level: Int) {
            switch value {
            case .null: append("null")
            case .bool(let bool): append(bool ? "true" : "false")
            case .integer(let integer): append(contentsOf: integer.description)
            // JSON has no infinities; the parser makes none.
            case .double(let double): append(contentsOf: double.isFinite ? double.description : "null")
            case .string(let string): write(string)
            case .array(let array):
                write(array, between: ("[", "]"), level: level) { output, element in
                    output.write(element, level: level + 1)
                }
            case .object(let object):
                write(object.members, between: ("{", "}"), level: level) { output, member in
                    output.write(member.key)
                    output.append(output.style == .pretty ? ": " : ":")
                    output.write(member.value, level: level + 1)
                }
            }
        }

        private mutating func write<Element>(
            _ elements: [Element], between brackets: (StaticString, StaticString), level: Int,
            _ body: (inout Output, Element) -> Void
        ) {
            append(brackets.0)
            for (index, element) in elements.enumerated() {
                if index > 0 { append(",") }
                breakLine(level + 1)
                body(&self, element)
            }
            if !elements.isEmpty { breakLine(level) }
            append(brackets.1)
        }

        private mutating func breakLine(_ level: Int) {
            guard style == .pretty else { return }
            append("\n")
            for _ in 0..<level { append("  ") }
        }

        private mutating func append(_ text: StaticString) {
            bytes.append(text.utf8Start, text.utf8CodeUnitCount)
        }

        private mutating func append(contentsOf text: String) {
            var text = text
            text.withUTF8 { bytes.append($0) }
        }

        private mutating func write(_ string: String) {
            append("\"")
            var string = string
            string.withUTF8 { writeEscaped($0) }
            append("\"")
        }

        /// What needs no escape goes over as it is, in stretches as long as there are.
        private mutating func writeEscaped(_ text: UnsafeBufferPointer<UInt8>) {
            var start = 0
            for index in text.indices where JSONWriter.isEscaped(text[index]) {
                bytes.append(UnsafeBufferPointer(rebasing: text[start..<index]))
                append(contentsOf: JSONWriter.escape(text[index]))
                start = index + 1
            }
            bytes.append(UnsafeBufferPointer(rebasing: text[start...]))
        }
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func escape(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "\""): "\\\""
        case UInt8(ascii: "\\"): "\\\\"
        case 0x0A: "\\n"
        case 0x0D: "\\r"
        case 0x09: "\\t"
        default: "\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
        }
    }
}

/// Bytes that are written once, one stretch after the other.
private struct GrowingBytes: ~Copyable {
    private var storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 1)
    private var count = 0

    deinit { storage.deallocate() }

    var array: [UInt8] { Array(storage[..<count]) }

    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        append(start, bytes.count)
    }

    @inline(__always) mutating func append(_ start: UnsafePointer<UInt8>, _ length: Int) {
        if storage.count - count < length { grow(by: length) }
        UnsafeMutableRawBufferPointer(rebasing: storage[count...]).copyMemory(
            from: UnsafeRawBufferPointer(start: start, count: length))
        count += length
    }

    private mutating func grow(by length: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(2 * storage.count, count + length), alignment: 1)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[..<count]))
        storage.deallocate()
        storage = larger
    }
}
