import KubeAPI

/// One check of a value, as a JSON schema states it (draft of OpenAPI v3.0).
public enum ValueRule: Sendable {
    case minimum(Double, exclusive: Bool)
    case maximum(Double, exclusive: Bool)
    case multipleOf(Double)
    case minLength(Int64)
    case maxLength(Int64)
    case pattern(SchemaPattern)
    case format(String)
    case minItems(Int64)
    case maxItems(Int64)
    case uniqueItems
    case minProperties(Int64)
    case maxProperties(Int64)
    case allowed([JSONValue])
    case allOf([StructuralSchema])
    case anyOf([StructuralSchema])
    case oneOf([StructuralSchema])
    case not(StructuralSchema)

    static func rules(_ json: JSONValue, _ child: (JSONValue) -> StructuralSchema) -> [ValueRule] {
        var rules: [ValueRule] = []
        func add(_ rule: ValueRule?) { if let rule { rules.append(rule) } }
        func number(_ name: String) -> Double? { json[name]?.double }
        func count(_ name: String) -> Int64? { json[name]?.integer }
        func schemas(_ name: String) -> [StructuralSchema]? {
            guard let all = json[name]?.array, !all.isEmpty else { return nil }
            return all.map(child)
        }

        add(number("minimum").map { .minimum($0, exclusive: json["exclusiveMinimum"]?.bool ?? false) })
        add(number("maximum").map { .maximum($0, exclusive: json["exclusiveMaximum"]?.bool ?? false) })
        add(number("multipleOf").map(ValueRule.multipleOf))
        add(count("minLength").map(ValueRule.minLength))
        add(count("maxLength").map(ValueRule.maxLength))
        add(json["pattern"]?.string.flatMap(SchemaPattern.init).map(ValueRule.pattern))
        add(json["format"]?.string.map(ValueRule.format))
        add(count("minItems").map(ValueRule.minItems))
        add(count("maxItems").map(ValueRule.maxItems))
        if json["uniqueItems"]?.bool == true || json["x-kubernetes-list-type"]?.string == "set" { add(.uniqueItems) }
        add(count("minProperties").map(ValueRule.minProperties))
        add(count("maxProperties").map(ValueRule.maxProperties))
        add(json["enum"]?.array.map(ValueRule.allowed))
        add(schemas("allOf").map(ValueRule.allOf))
        add(schemas("anyOf").map(ValueRule.anyOf))
        add(schemas("oneOf").map(ValueRule.oneOf))
        add(json["not"]?.object.map { .not(child(.object($0))) })
        return rules
    }
}

/// A regular expression of a schema. Regular expressions cannot cross threads here, so it is compiled where it is used.
public struct SchemaPattern: Sendable {
    public let text: String

    /// nil when it is no regular expression.
    public init?(_ text: String) {
        guard (try? Regex(text)) != nil else { return nil }
        self.text = text
    }

    /// Finds the pattern anywhere in `string`, as JSON schema has it.
    func matches(_ string: String) -> Bool {
        guard let expression = try? Regex(text) else { return false }
        return string.firstMatch(of: expression.matchingSemantics(.unicodeScalar)) != nil
    }
}

extension JSONValue {
    /// The value of a number.
    var double: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .double(let double): double
        default: nil
        }
    }
}
