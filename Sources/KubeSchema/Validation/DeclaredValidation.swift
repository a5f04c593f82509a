import KubeAPI

/// What the schema itself says of values: closed sets and declared limits. Absent and empty values are the kinds' to
/// judge: most of them have defaults.
struct DeclaredValidation {
    let schema: Schema

    func check(_ value: JSONValue, as shape: FieldShape, at path: String, _ findings: inout Findings) {
        switch (shape, value) {
        case (.type(let reference), .object(let object)):
            let type = schema[reference]
            guard type.form == .object else { return }
            for member in object.members {
                guard let field = type.field(member.key) else { continue }
                let below = path.isEmpty ? member.key : "\(path).\(member.key)"
                check(member.value, field, FieldCursor(member.value, at: below), &findings)
            }
        case (.array(let element), .array(let items)) where Self.holdsTypes(element):
            for (index, item) in items.enumerated() { check(item, as: element, at: "\(path)[\(index)]", &findings) }
        case (.map(let element), .object(let object)) where Self.holdsTypes(element):
            for member in object.members { check(member.value, as: element, at: "\(path)[\(member.key)]", &findings) }
        default: return
        }
    }

    private func check(_ value: JSONValue, _ field: FieldDefinition, _ cursor: FieldCursor, _ findings: inout Findings)
    {
        if !field.allowedValues.isEmpty {
            findings.expect(cursor, oneOf: field.allowedValues)
            for item in cursor.items { findings.expect(item, oneOf: field.allowedValues) }
        }
        for constraint in field.constraints { check(constraint, cursor, &findings) }
        if Self.holdsTypes(field.shape) { check(value, as: field.shape, at: cursor.path, &findings) }
    }

    private static func holdsTypes(_ shape: FieldShape) -> Bool {
        switch shape {
        case .type: true
        case .array(let element), .map(let element): holdsTypes(element)
        default: false
        }
    }

    private func check(_ constraint: String, _ field: FieldCursor, _ findings: inout Findings) {
        let parts = constraint.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { return }
        let limit = Int(parts[1])
        switch (parts[0], limit) {
        case ("maxItems", let limit?): findings.atMost(field, items: limit)
        case ("maxLength", let limit?), ("maxBytes", let limit?): findings.atMost(field, bytes: limit)
        case ("minimum", let limit?): findings.atLeast(field, Int64(limit))
        case ("format", nil):
            switch parts[1] {
            case "k8s-short-name": findings.expect(field, NameFormats.dns1123Label)
            case "k8s-long-name": findings.expect(field, NameFormats.dns1123Subdomain)
            case "k8s-long-name-caseless": findings.expect(field) { NameFormats.dns1123Subdomain($0.lowercased()) }
            case "k8s-label-key": findings.expect(field, NameFormats.qualifiedName)
            default: break
            }
        default: break
        }
    }
}
