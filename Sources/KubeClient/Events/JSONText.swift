/// JSON to be written; fields keep their order, and empty strings are left out of objects as Kubernetes does.
enum JSONText {
    case string(String)
    case number(Int)
    case flag(Bool)
    case object([(String, JSONText)])

    var text: String {
        switch self {
        case .string(let string): Self.quoted(string)
        case .number(let number): String(number)
        case .flag(let flag): flag ? "true" : "false"
        case .object(let fields):
            "{" + fields.filter { !$0.1.isEmpty }.map { Self.quoted($0.0) + ":" + $0.1.text }.joined(separator: ",")
                + "}"
        }
    }

    private var isEmpty: Bool {
        if case .string("") = self { true } else { false }
    }

    /// RFC 8259 section 7.
    private static func quoted(_ string: String) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case let control where control.value < 0x20:
                let digits = String(control.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
