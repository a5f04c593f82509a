import KubeAPI

/// One step of a path in a field set, as FieldsV1 writes it: `f:name`, `k:{"name":"a"}`, `v:"x"` or `i:0`.
struct PathElement: Sendable, Hashable {
    let text: String

    /// A member of an object.
    static func field(_ name: String) -> PathElement { PathElement(text: "f:\(name)") }

    /// An element of a list with keys.
    static func key(_ members: [JSONObject.Member]) -> PathElement {
        let sorted = members.sorted { $0.key < $1.key }
        return PathElement(text: "k:\(JSONWriter.text(.object(JSONObject(sorted))))")
    }

    /// An element of a set.
    static func value(_ value: JSONValue) -> PathElement { PathElement(text: "v:\(JSONWriter.text(value))") }

    static func index(_ index: Int) -> PathElement { PathElement(text: "i:\(index)") }

    /// nil for what is not a member's.
    var fieldName: String? { text.hasPrefix("f:") ? String(text.dropFirst(2)) : nil }

    /// As a part of a path in messages: `.name`, `[name="a"]`, `[="x"]`, `[0]`.
    var shown: String {
        let rest = String(text.dropFirst(2))
        switch text.utf8.first {
        case UInt8(ascii: "f"): return ".\(rest)"
        case UInt8(ascii: "k"):
            guard case .object(let object)? = try? JSONParser.parse(rest) else { return "[\(rest)]" }
            return "[\(object.members.map { "\($0.key)=\(JSONWriter.text($0.value))" }.joined(separator: ","))]"
        case UInt8(ascii: "v"): return "[=\(rest)]"
        default: return "[\(rest)]"
        }
    }
}

/// Members, then keys, values and indices; numbers by value.
extension PathElement: Comparable {
    static func < (a: PathElement, b: PathElement) -> Bool {
        let (a, b) = (a.text.utf8, b.text.utf8)
        let (first, second) = (rank(a.first), rank(b.first))
        guard first == second else { return first < second }
        guard first > 0 else { return a.lexicographicallyPrecedes(b) }
        return precedes(Array(a), Array(b))
    }

    private static func rank(_ byte: UInt8?) -> Int {
        switch byte {
        case UInt8(ascii: "f"): 0
        case UInt8(ascii: "k"): 1
        case UInt8(ascii: "v"): 2
        default: 3
        }
    }

    /// In the order of bytes, but where two whole numbers differ, of their values.
    private static func precedes(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        let shorter = min(a.count, b.count)
        guard let difference = (0..<shorter).first(where: { a[$0] != b[$0] }) else { return a.count < b.count }
        var start = difference
        while start > 0, isDigit(a[start - 1]) { start -= 1 }
        let isNumber = start > 0 && a[start - 1] == UInt8(ascii: ":") && (isDigit(a[start]) || isDigit(b[start]))
        if isNumber {
            let (first, second) = (digits(a, from: start), digits(b, from: start))
            if first != second { return first < second }
        }
        return a[difference] < b[difference]
    }

    private static func digits(_ bytes: [UInt8], from start: Int) -> Int {
        bytes[start...].prefix(while: isDigit).count
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
}
