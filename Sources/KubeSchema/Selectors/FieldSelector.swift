/// Which objects are meant, by their fields: all terms hold. Which fields exist is the kind's to say.
public struct FieldSelector: Sendable, Hashable, CustomStringConvertible {
    public struct Term: Sendable, Hashable {
        /// A field label, such as `metadata.name`.
        public var field: String
        public var value: String
        /// `!=`.
        public var isNegated: Bool

        public init(field: String, value: String, isNegated: Bool = false) {
            self.field = field
            self.value = value
            self.isNegated = isNegated
        }
    }

    /// A text that is no field selector; says so in upstream's words.
    public struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
        public let description: String
    }

    public var terms: [Term]

    public static let everything = FieldSelector(terms: [])

    public init(terms: [Term]) { self.terms = terms }

    /// The syntax of the query parameter `fieldSelector`: `a=b,c==d,e!=f`, with `\\`, `\,` and `\=` in values.
    public init(parsing text: String) throws(Refusal) {
        var terms: [Term] = []
        for part in Self.parts(text).sorted() where !part.isEmpty {
            guard let (field, isNegated, value) = Self.split(part) else {
                throw Refusal(description: "invalid selector: '\(text)'; can't understand '\(part)'")
            }
            terms.append(Term(field: field, value: try Self.unescaped(value), isNegated: isNegated))
        }
        self.terms = terms
    }

    public var isEverything: Bool { terms.isEmpty }

    /// `value` gives the value of a field; a field without a value counts as the empty string.
    public func matches(_ value: (String) -> String?) -> Bool {
        terms.allSatisfy { ((value($0.field) ?? "") == $0.value) != $0.isNegated }
    }

    /// The one value that the field must have; nil when objects with others can match too.
    public func requiredValue(of field: String) -> String? {
        terms.first { $0.field == field && !$0.isNegated }?.value
    }

    public var description: String {
        terms.map { "\($0.field)\($0.isNegated ? "!=" : "=")\(Self.escaped($0.value))" }.joined(separator: ",")
    }

    // MARK: - Text

    /// What stands between commas that are not escaped.
    private static func parts(_ text: String) -> [String] {
        var parts: [String] = []
        var part = ""
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if scalar == ",", !isEscaped {
                parts.append(part)
                part = ""
                continue
            }
            isEscaped = scalar == "\\" && !isEscaped
            part.unicodeScalars.append(scalar)
        }
        return parts + [part]
    }

    /// At the first operator.
    private static func split(_ part: String) -> (field: String, isNegated: Bool, value: String)? {
        let scalars = part.unicodeScalars
        for index in scalars.indices where scalars[index] == "=" || scalars[index] == "!" {
            let rest = scalars[scalars.index(after: index)...]
            let isNegated = scalars[index] == "!"
            if isNegated, rest.first != "=" { continue }
            let value = isNegated || rest.first == "=" ? rest.dropFirst() : rest
            return (String(scalars[..<index]), isNegated, String(value))
        }
        return nil
    }

    private static func unescaped(_ value: String) throws(Refusal) -> String {
        guard value.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "=") }) else { return value }
        var result = ""
        var isEscaped = false
        for scalar in value.unicodeScalars {
            let isSpecial = scalar == "\\" || scalar == "," || scalar == "="
            if isEscaped, !isSpecial { throw invalidEscape("\\\(scalar)") }
            if !isEscaped, scalar == "\\" {
                isEscaped = true
                continue
            }
            if !isEscaped, isSpecial {
                // Upstream prints the number of the character.
                throw Refusal(description: "invalid field selector: unescaped character in value: \(scalar.value)")
            }
            isEscaped = false
            result.unicodeScalars.append(scalar)
        }
        if isEscaped { throw invalidEscape("\\") }
        return result
    }

    private static func invalidEscape(_ sequence: String) -> Refusal {
        Refusal(description: "invalid field selector: invalid escape sequence: \(sequence)")
    }

    private static func escaped(_ value: String) -> String {
        value.unicodeScalars.reduce(into: "") { text, scalar in
            if scalar == "\\" || scalar == "," || scalar == "=" { text.unicodeScalars.append("\\") }
            text.unicodeScalars.append(scalar)
        }
    }
}
