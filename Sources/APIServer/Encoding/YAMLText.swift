import KubeAPI

/// Block YAML of a JSON tree; strings are quoted as in JSON, which YAML 1.2 reads the same.
enum YAMLText {
    static func bytes(_ value: JSONValue) -> [UInt8] {
        var text = ""
        write(value, indent: 0, isInList: false, to: &text)
        return Array(text.utf8)
    }

    private static func write(_ value: JSONValue, indent: Int, isInList: Bool, to text: inout String) {
        let margin = String(repeating: "  ", count: indent)
        switch value {
        case .object(let object) where !object.members.isEmpty:
            for (index, member) in object.members.enumerated() {
                text += isInList && index == 0 ? "" : margin
                text += key(member.key) + ":"
                below(member.value, indent: indent, to: &text)
            }
        case .array(let array) where !array.isEmpty:
            for element in array {
                text += margin + "- "
                let isNested = if case .array(let inner) = element { !inner.isEmpty } else { false }
                if isNested { text += "\n" }
                write(element, indent: indent + 1, isInList: !isNested, to: &text)
            }
        default: text += JSONWriter.text(value) + "\n"
        }
    }

    private static func below(_ value: JSONValue, indent: Int, to text: inout String) {
        switch value {
        case .object(let object) where !object.members.isEmpty:
            text += "\n"
            write(value, indent: indent + 1, isInList: false, to: &text)
        case .array(let array) where !array.isEmpty:
            text += "\n"
            write(value, indent: indent, isInList: false, to: &text)
        default:
            text += " "
            write(value, indent: 0, isInList: true, to: &text)
        }
    }

    private static func key(_ key: String) -> String {
        let isPlain =
            key.utf8.first.map { UInt8(ascii: "A")...UInt8(ascii: "z") ~= $0 } ?? false
            && key.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                    UInt8(ascii: "/"):
                    true
                default: false
                }
            } && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(key.lowercased())
        return isPlain ? key : JSONWriter.text(.string(key))
    }
}
