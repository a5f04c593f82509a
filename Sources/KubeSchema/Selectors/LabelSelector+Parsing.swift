import KubeAPI

extension LabelSelector {
    /// The syntax of the query parameter `labelSelector`: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
    public init(parsing text: String) throws(Refusal) {
        var parser = LabelSelectorParser(text)
        self.init(try parser.requirements())
    }

    /// A metav1.LabelSelector object: nil matches nothing, `{}` everything.
    public init(json: JSONValue?) throws(Refusal) {
        guard let json, json != .null else {
            self = .nothing
            return
        }
        var requirements: [Requirement] = []
        if case .object(let labels)? = json["matchLabels"] {
            for member in labels.members {
                requirements.append(try Requirement(member.key, .equals, [member.value.string ?? ""]))
            }
        }
        for expression in json["matchExpressions"]?.array ?? [] {
            let name = expression["operator"]?.string ?? ""
            guard let `operator` = Self.expressionOperators[name] else {
                throw Refusal("\(JSONWriter.text(.string(name))) is not a valid label selector operator")
            }
            let values = (expression["values"]?.array ?? []).map { $0.string ?? "" }
            requirements.append(try Requirement(expression["key"]?.string ?? "", `operator`, values))
        }
        self.init(requirements)
    }

    private static let expressionOperators: [String: Operator] = [
        "In": .in, "NotIn": .notIn, "Exists": .exists, "DoesNotExist": .doesNotExist,
    ]
}

/// Reads the query syntax token by token, with the words of upstream's parser.
private struct LabelSelectorParser {
    enum Token: Hashable {
        case end, closed, comma, not, doubleEquals, equals, greater, identifier, `in`, less, notEquals, notIn, open
    }

    private let bytes: [UInt8]
    private var position = 0
    private var next: (token: Token, text: String) = (.end, "")

    init(_ text: String) {
        bytes = Array(text.utf8)
        next = scan()
    }

    mutating func requirements() throws(LabelSelector.Refusal) -> [LabelSelector.Requirement] {
        var requirements: [LabelSelector.Requirement] = []
        while true {
            switch ahead {
            case .identifier, .not: break
            case .end: return requirements
            default: throw found(next.text, ", expected: !, identifier, or 'end of string'")
            }
            do {
                requirements.append(try requirement())
            } catch {
                throw LabelSelector.Refusal("unable to parse requirement: \(error.description)")
            }
            let (token, text) = consume()
            if token == .end { return requirements }
            guard token == .comma else { throw found(text, ", expected: ',' or 'end of string'") }
            guard ahead == .identifier || ahead == .not else {
                throw found(next.text, ", expected: identifier after ','")
            }
        }
    }

    private mutating func requirement() throws(LabelSelector.Refusal) -> LabelSelector.Requirement {
        var (token, key) = consume()
        let isNegated = token == .not
        if isNegated { (token, key) = consume() }
        guard token == .identifier else { throw found(key, ", expected: identifier") }
        let findings = NameFormats.qualifiedName(key)
        guard findings.isEmpty else {
            // Upstream's path is nil here and prints as that.
            let error = FieldError(.invalid, "<nil>", .string(key), findings.joined(separator: "; "))
            throw LabelSelector.Refusal("\(error.path): \(error.message)")
        }
        if isNegated { return try LabelSelector.Requirement(key, .doesNotExist, []) }
        if ahead == .end || ahead == .comma { return try LabelSelector.Requirement(key, .exists, []) }
        let `operator` = try self.operator()
        let values = `operator` == .in || `operator` == .notIn ? try self.values() : [try exactValue()]
        return try LabelSelector.Requirement(key, `operator`, Set(values).sorted())
    }

    private mutating func `operator`() throws(LabelSelector.Refusal) -> LabelSelector.Operator {
        let (token, text) = take()
        switch token {
        case .in: return .in
        case .notIn: return .notIn
        case .equals: return .equals
        case .doubleEquals: return .doubleEquals
        case .notEquals: return .notEquals
        case .greater: return .greaterThan
        case .less: return .lessThan
        default: throw found(text, ", expected: in, notin, =, ==, !=, gt, lt")
        }
    }

    /// `(a,b)`; a missing value is the empty string.
    private mutating func values() throws(LabelSelector.Refusal) -> [String] {
        let (token, text) = consume()
        guard token == .open else { throw found(text, " expected: '('") }
        switch ahead {
        case .closed:
            _ = consume()
            return [""]
        case .identifier, .comma: break
        default: throw found(next.text, ", expected: ',', ')' or identifier")
        }
        let values = try identifiers()
        _ = consume()
        return values
    }

    /// Up to the closing parenthesis, which is not consumed.
    private mutating func identifiers() throws(LabelSelector.Refusal) -> [String] {
        var values: [String] = []
        while true {
            let (token, text) = consume()
            switch token {
            case .identifier:
                values.append(text)
                if ahead == .closed { return values }
                guard ahead == .comma else { throw found(next.text, ", expected: ',' or ')'") }
            case .comma:
                if values.isEmpty { values.append("") }
                if ahead == .closed { return values + [""] }
                if ahead == .comma {
                    _ = consume()
                    values.append("")
                }
            default: throw found(text, ", expected: ',', or identifier")
            }
        }
    }

    private mutating func exactValue() throws(LabelSelector.Refusal) -> String {
        if ahead == .end || ahead == .comma { return "" }
        let (token, text) = consume()
        guard token == .identifier else { throw found(text, ", expected: identifier") }
        return text
    }

    private func found(_ text: String, _ rest: String) -> LabelSelector.Refusal {
        LabelSelector.Refusal("found '\(text)'\(rest)")
    }

    // MARK: - Tokens

    /// The next token where `in` and `notin` are words like others.
    private var ahead: Token { next.token == .in || next.token == .notIn ? .identifier : next.token }

    private mutating func consume() -> (Token, String) {
        let token = ahead
        return (token, take().text)
    }

    private mutating func take() -> (token: Token, text: String) {
        let taken = next
        if taken.token != .end { next = scan() }
        return taken
    }

    private mutating func scan() -> (token: Token, text: String) {
        while position < bytes.count, Self.isWhiteSpace(bytes[position]) { position += 1 }
        guard position < bytes.count, bytes[position] != 0 else { return (.end, "") }
        let start = position
        position += 1
        let second = position < bytes.count ? bytes[position] : 0
        switch bytes[start] {
        case UInt8(ascii: ")"): return (.closed, ")")
        case UInt8(ascii: "("): return (.open, "(")
        case UInt8(ascii: ","): return (.comma, ",")
        case UInt8(ascii: ">"): return (.greater, ">")
        case UInt8(ascii: "<"): return (.less, "<")
        case UInt8(ascii: "="):
            guard second == UInt8(ascii: "=") else { return (.equals, "=") }
            position += 1
            return (.doubleEquals, "==")
        case UInt8(ascii: "!"):
            guard second == UInt8(ascii: "=") else { return (.not, "!") }
            position += 1
            return (.notEquals, "!=")
        default: return word(from: start)
        }
    }

    private mutating func word(from start: Int) -> (token: Token, text: String) {
        while position < bytes.count, !Self.endsWord(bytes[position]) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        return (text == "in" ? .in : text == "notin" ? .notIn : .identifier, text)
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0, UInt8(ascii: "="), UInt8(ascii: "!"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","),
            UInt8(ascii: ">"), UInt8(ascii: "<"):
            true
        default: isWhiteSpace(byte)
        }
    }
}
