import KubeAPI

extension StructuralSchema {
    /// What the schema finds wrong in a custom resource, with the words of upstream's OpenAPI validation. Metadata is not
    /// its business.
    public func validate(_ object: JSONValue) -> [FieldError] {
        var findings = Findings()
        validate(object, path: "", &findings)
        return findings.errors
    }

    /// Bounded: a hostile object must not make a hostile answer.
    struct Findings {
        private(set) var errors: [FieldError] = []

        mutating func add(_ reason: FieldError.Reason, _ path: String, _ value: JSONValue? = nil, _ detail: String = "")
        {
            guard errors.count < 100 else { return }
            errors.append(FieldError(reason, path.isEmpty ? "<nil>" : path, value, detail))
        }
    }

    func accepts(_ value: JSONValue) -> Bool {
        var findings = Findings()
        validate(value, path: "", &findings)
        return findings.errors.isEmpty
    }

    private func validate(_ value: JSONValue, path: String, _ findings: inout Findings) {
        if value == .null, isNullable { return }
        guard hasRightType(value) else {
            let shown = "\(value.schemaTypeName)"
            let wanted = isIntOrString ? "integer,string" : kind?.rawValue ?? ""
            findings.add(
                .typeInvalid, path, .string(shown), "\(path) in body must be of type \(wanted): \"\(shown)\"")
            return
        }
        for rule in rules { rule.check(value, path: path, &findings) }
        switch value {
        case .object(let object): validateMembers(object, path: path, &findings)
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                items?.validate(element, path: "\(path)[\(index)]", &findings)
            }
            if listType == .map { checkMapKeys(elements, path: path, &findings) }
        default: break
        }
    }

    private func validateMembers(_ object: JSONObject, path: String, _ findings: inout Findings) {
        let names = Set(object.members.map(\.key))
        for name in required where !names.contains(name) {
            findings.add(.required, path.isEmpty ? name : "\(path).\(name)")
        }
        for member in object.members {
            checked(member.key)?.validate(
                member.value, path: path.isEmpty ? member.key : "\(path).\(member.key)", &findings)
        }
    }

    /// Fields of every object are checked elsewhere.
    private func checked(_ key: String) -> StructuralSchema? { key == "metadata" ? nil : member(key) }

    private func checkMapKeys(_ elements: [JSONValue], path: String, _ findings: inout Findings) {
        var seen: Set<[JSONValue?]> = []
        for (index, element) in elements.enumerated() {
            let key = listMapKeys.map { element[$0] ?? items?.properties[$0]?.defaultValue }
            guard !seen.insert(key).inserted else { continue }
            let members = zip(listMapKeys, key).map { JSONObject.Member($0, $1 ?? .null) }
            findings.add(.duplicate, "\(path)[\(index)]", .object(JSONObject(members)))
        }
    }

    private func hasRightType(_ value: JSONValue) -> Bool {
        if isIntOrString {
            switch value {
            case .integer, .string: return true
            default: return false
            }
        }
        switch (kind, value) {
        case (nil, _), (.object, .object), (.array, .array), (.string, .string), (.boolean, .bool),
            (.integer, .integer), (.number, .integer), (.number, .double):
            return true
        case (.integer, .double(let double)): return double.rounded() == double
        default: return false
        }
    }
}

extension JSONValue {
    /// Its type in JSON schema's words.
    var schemaTypeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
