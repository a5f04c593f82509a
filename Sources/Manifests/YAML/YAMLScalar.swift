import KubeAPI

/// The meaning of an unquoted scalar in YAML 1.2's core schema, as far as JSON has it.
///
/// `yes`, `on`, times, `.inf` and `.nan` are text, and so are numbers with a leading zero, whose meaning differs
/// between YAML versions.
enum YAMLScalar {
    static func value(_ text: String) -> JSONValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: return number(text) ?? .string(text)
        }
    }

    private static func number(_ text: String) -> JSONValue? {
        if text.hasPrefix("0x") { return .integer(digits: text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0o") { return .integer(digits: text.dropFirst(2), radix: 8) }
        // What is left differs from JSON's numbers in a plus sign and in dots without digits on one side.
        var digits = text[...]
        let isNegative = digits.first == "-"
        if isNegative || digits.first == "+" { digits = digits.dropFirst() }
        if digits.first == ".", isDigit(digits.dropFirst().first) { digits = "0" + digits }
        if let dot = digits.firstIndex(of: "."), !isDigit(digits[digits.index(after: dot)...].first) {
            digits.insert("0", at: digits.index(after: dot))
        }
        guard isDigit(digits.first), let value = try? JSONParser.parse((isNegative ? "-" : "") + digits) else {
            return nil
        }
        return value
    }

    private static func isDigit(_ character: Character?) -> Bool {
        character.map { ("0"..."9").contains($0) } ?? false
    }
}

extension JSONValue {
    fileprivate static func integer(digits: Substring, radix: Int) -> JSONValue? {
        guard digits.first != "+", digits.first != "-", let value = Int64(digits, radix: radix) else { return nil }
        return .integer(value)
    }
}
