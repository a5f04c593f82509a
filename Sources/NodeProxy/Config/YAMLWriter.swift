import KubeAPI
import Manifests

/// Writes JSON values as block-style YAML that 1.1 and 1.2 parsers read alike.
enum YAMLWriter {
    static func text(_ value: JSONValue) -> String { lines(value).joined(separator: "\n") + "\n" }

    private static func lines(_ value: JSONValue) -> [String] {
        switch value {
        case .object(let object) where !object.members.isEmpty:
            object.members.flatMap { member in
                let name = scalar(.string(member.key))
                return isBlock(member.value)
                    ? ["\(name):"] + lines(member.value).map { isList(member.value) ? $0 : "  " + $0 }
                    : ["\(name): \(scalar(member.value))"]
            }
        case .array(let elements) where !elements.isEmpty:
            elements.flatMap { element in
                lines(element).enumerated().map { ($0.offset == 0 ? "- " : "  ") + $0.element }
            }
        default: [scalar(value)]
        }
    }

    private static func isBlock(_ value: JSONValue) -> Bool {
        switch value {
        case .object(let object): !object.members.isEmpty
        case .array(let elements): !elements.isEmpty
        default: false
        }
    }

    private static func isList(_ value: JSONValue) -> Bool { value.array != nil }

    /// JSON is YAML; strings that need no quotes go without.
    private static func scalar(_ value: JSONValue) -> String {
        guard let text = value.string, isPlain(text) else { return JSONWriter.text(value) }
        return text
    }

    private static func isPlain(_ text: String) -> Bool {
        let isHarmless = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
            default: [UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "_")].contains(byte)
            }
        }
        guard isHarmless, let last = text.utf8.last, last != UInt8(ascii: ":"), text.first != ":" else { return false }
        let isWord = ["y", "n", "yes", "no", "on", "off"].contains(text.lowercased())
        // YAML 1.1 takes 1:30 for a number of base 60.
        let isSexagesimal =
            text.utf8.allSatisfy { (0x30...0x39).contains($0) || [0x3a, 0x2e, 0x5f].contains($0) }
            && text.utf8.filter { $0 == UInt8(ascii: ".") }.count < 2
        let parsed = try? YAMLDocuments.parse(text, file: "").first?.value
        return !isWord && !isSexagesimal && parsed == .string(text)
    }
}
