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
        return output.bytes
    }

    private struct Output {
        let style: Style
        var bytes: [UInt8] = []

        mutating func write(_ value: JSONValue, level: Int) {
            switch value {
            case .null: append("null")
            case .bool(let bool): append(bool ? "true" : "false")
            case .integer(let integer): append(integer.description)
            // JSON has no infinities; the parser makes none.
            case .double(let double): append(double.isFinite ? double.description : "null")
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
            _ elements: [Element], between brackets: (String, String), level: Int,
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

        private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

        private mutating func write(_ string: String) {
            append("\"")
            for byte in string.utf8 {
                switch byte {
                case UInt8(ascii: "\""): append("\\\"")
                case UInt8(ascii: "\\"): append("\\\\")
                case 0x0A: append("\\n")
                case 0x0D: append("\\r")
                case 0x09: append("\\t")
                case 0..<0x20: append("\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16))
                default: bytes.append(byte)
                }
            }
            append("\"")
        }
    }
}
