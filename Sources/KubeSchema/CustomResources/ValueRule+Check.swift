import KubeAPI

extension ValueRule {
    /// Adds what is wrong with `value`; rules for other types than the value's say nothing.
    func check(_ value: JSONValue, path: String, _ findings: inout StructuralSchema.Findings) {
        switch (self, value) {
        case (.minimum, .integer), (.minimum, .double), (.maximum, .integer), (.maximum, .double),
            (.multipleOf, .integer), (.multipleOf, .double):
            checkNumber(value, path, &findings)
        case (.minLength, .string(let string)), (.maxLength, .string(let string)), (.pattern, .string(let string)),
            (.format, .string(let string)):
            checkString(string, path, &findings)
        case (.minItems, .array(let elements)), (.maxItems, .array(let elements)), (.uniqueItems, .array(let elements)):
            checkCount(elements, path, &findings)
        case (.minProperties(let limit), .object(let object)) where object.members.count < limit:
            findings.add(.invalid, path, value, "\(path) in body should have at least \(limit) properties")
        case (.maxProperties(let limit), .object(let object)) where object.members.count > limit:
            findings.add(.tooMany, path, .integer(Int64(object.members.count)), "must have at most \(limit) items")
        case (.allowed(let values), _) where !values.contains(value):
            let list = values.map { $0.string.map { "\"\($0)\"" } ?? JSONWriter.text($0) }.joined(separator: ", ")
            findings.add(.notSupported, path, value, "supported values: \(list)")
        case (.allOf, _), (.anyOf, _), (.oneOf, _), (.not, _): checkCombination(value, path, &findings)
        default: break
        }
    }

    private func checkNumber(_ value: JSONValue, _ path: String, _ findings: inout StructuralSchema.Findings) {
        guard let number = value.double else { return }
        switch self {
        case .minimum(let limit, let exclusive) where exclusive ? number <= limit : number < limit:
            let words = exclusive ? "greater than" : "greater than or equal to"
            findings.add(.invalid, path, value, "\(path) in body should be \(words) \(Self.text(limit))")
        case .maximum(let limit, let exclusive) where exclusive ? number >= limit : number > limit:
            let words = exclusive ? "less than" : "less than or equal to"
            findings.add(.invalid, path, value, "\(path) in body should be \(words) \(Self.text(limit))")
        case .multipleOf(let unit) where unit > 0 && (number / unit).rounded() != number / unit:
            findings.add(.invalid, path, value, "\(path) in body should be a multiple of \(Self.text(unit))")
        default: break
        }
    }

    private func checkString(_ string: String, _ path: String, _ findings: inout StructuralSchema.Findings) {
        switch self {
        case .minLength(let limit) where string.unicodeScalars.count < limit:
            findings.add(
                .invalid, path, .string(string), "\(path) in body should be at least \(limit) chars long")
        case .maxLength(let limit) where string.unicodeScalars.count > limit:
            findings.add(.tooLong, path, nil, "may not be more than \(limit) bytes")
        case .pattern(let pattern) where !pattern.matches(string):
            findings.add(.invalid, path, .string(string), "\(path) in body should match '\(pattern.text)'")
        case .format(let format) where !SchemaFormat.accepts(string, format):
            findings.add(.invalid, path, .string(string), "\(path) in body must be of type \(format): \"\(string)\"")
        default: break
        }
    }

    private func checkCount(_ elements: [JSONValue], _ path: String, _ findings: inout StructuralSchema.Findings) {
        switch self {
        case .minItems(let limit) where elements.count < limit:
            findings.add(
                .invalid, path, .integer(Int64(elements.count)), "\(path) in body should have at least \(limit) items")
        case .maxItems(let limit) where elements.count > limit:
            findings.add(.tooMany, path, .integer(Int64(elements.count)), "must have at most \(limit) items")
        case .uniqueItems:
            var seen: Set<JSONValue> = []
            for (index, element) in elements.enumerated() where !seen.insert(element).inserted {
                findings.add(.duplicate, "\(path)[\(index)]", element)
            }
        default: break
        }
    }

    private func checkCombination(_ value: JSONValue, _ path: String, _ findings: inout StructuralSchema.Findings) {
        switch self {
        case .allOf(let schemas) where !schemas.allSatisfy { $0.accepts(value) }:
            findings.add(.invalid, path, value, "\"\(path)\" must validate all the schemas (allOf)")
        case .anyOf(let schemas) where !schemas.contains { $0.accepts(value) }:
            findings.add(.invalid, path, value, "\"\(path)\" must validate at least one schema (anyOf)")
        case .oneOf(let schemas) where schemas.count(where: { $0.accepts(value) }) != 1:
            let found =
                schemas.contains { $0.accepts(value) } ? "Found more than one valid alternatives" : "Found none valid"
            findings.add(.invalid, path, value, "\"\(path)\" must validate one and only one schema (oneOf). \(found)")
        case .not(let schema) where schema.accepts(value):
            findings.add(.invalid, path, value, "\"\(path)\" must not validate the schema (not)")
        default: break
        }
    }

    /// Whole numbers without a fraction.
    private static func text(_ number: Double) -> String {
        Int64(exactly: number).map(\.description) ?? number.description
    }
}
