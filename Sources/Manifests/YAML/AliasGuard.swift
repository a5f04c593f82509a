import KubeAPI

/// Refuses texts with many aliases that also use collections or aliases as the names of fields.
///
/// The parser compares names by their whole content, so nested aliases there cost exponential time before anything can
/// be counted. No manifest needs such names. Only texts with more than `limit` aliases are looked at closely.
enum AliasGuard {
    static let limit = 24

    static func check(_ text: String) throws(YAMLFault) {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return }
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.reduce(0, { $0 + aliases(in: $1) }) > limit else { return }
        for (index, line) in lines.enumerated() where hasComplexName(line) {
            throw YAMLFault(
                TextPosition(line: index + 1, column: 1), "with this many aliases the name of a field must be a text")
        }
    }

    /// Asterisks that may begin an alias.
    private static func aliases(in line: Substring.UTF8View) -> Int {
        var count = 0
        var last = UInt8(ascii: " ")
        for byte in line {
            if last == UInt8(ascii: "*"), byte != UInt8(ascii: " "), byte != UInt8(ascii: "*") { count += 1 }
            last = byte
        }
        return count
    }

    /// `? name`, `[…]: value`, `{…}: value` or `*alias : value`.
    private static func hasComplexName(_ line: Substring.UTF8View) -> Bool {
        let marks = Set(" \t-[{,".utf8)
        let content = line.drop { marks.contains($0) }
        if content.first == UInt8(ascii: "?") { return true }
        var last: UInt8 = 0
        var isInAlias = false
        for byte in content where byte != UInt8(ascii: " ") || isInAlias {
            switch byte {
            case UInt8(ascii: ":") where last == UInt8(ascii: "]") || last == UInt8(ascii: "}") || isInAlias:
                return true
            case UInt8(ascii: "*"): isInAlias = true
            case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"): isInAlias = false
            default: break
            }
            last = byte
        }
        return false
    }
}
