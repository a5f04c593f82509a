import KubeAPI

/// allOf, anyOf, oneOf and not: they judge values and give them no shape.
extension StructuralCheck {
    static func junctors(_ schema: FieldCursor) -> [FieldCursor] {
        let lists = ["allOf", "anyOf", "oneOf"].flatMap { schema[$0].items }
        return schema["not"].isSet ? lists + [schema["not"]] : lists
    }

    private static let integerOrString: JSONValue = [["type": "integer"], ["type": "string"]]

    private static func isPair(_ field: FieldCursor) -> Bool {
        field.value?.isEquivalent(to: integerOrString) ?? false
    }

    /// Says what x-kubernetes-int-or-string means, in the one way that is allowed.
    static func isIntOrString(_ schema: FieldCursor) -> Bool {
        isPair(schema["anyOf"]) || schema["allOf"].items.first.map { isPair($0["anyOf"]) } ?? false
    }

    mutating func values(of schema: FieldCursor, isIntOrString: Bool) {
        let mayHaveTypes = isIntOrString && Self.isPair(schema["anyOf"])
        if !mayHaveTypes { for nested in schema["anyOf"].items { check(nested: nested) } }
        for (index, nested) in schema["allOf"].items.enumerated() {
            check(nested: nested, isIntOrString: isIntOrString && index == 0 && Self.isPair(nested["anyOf"]))
        }
        for nested in schema["oneOf"].items { check(nested: nested) }
        if schema["not"].isSet { check(nested: schema["not"]) }
        let pattern = schema["pattern"]
        if !pattern.isEmpty, SchemaPattern(pattern.string) == nil {
            findings.invalid(pattern, "must be a valid regular expression, but isn't: it cannot be parsed")
        }
    }

    private static let forbidden: [(detail: String, fields: [String])] = [
        (
            "must be undefined to be structural",
            ["additionalProperties", "default", "externalDocs", "x-kubernetes-list-type", "x-kubernetes-map-type"]
        ),
        (
            "must be empty to be structural",
            ["type", "title", "description", "x-kubernetes-list-map-keys", "x-kubernetes-validations"]
        ),
        (
            "must be false to be structural",
            [
                "nullable", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource",
                "x-kubernetes-int-or-string",
            ]
        ),
    ]

    private mutating func check(nested schema: FieldCursor, isIntOrString: Bool = false) {
        values(of: schema, isIntOrString: isIntOrString)
        if schema["items"].value?.object != nil { check(nested: schema["items"]) }
        for (_, property) in schema["properties"].entries { check(nested: property) }
        for (detail, fields) in Self.forbidden {
            for field in fields where Self.isSaid(schema[field]) { findings.forbidden(schema[field], detail) }
        }
        if schema["properties"][key: "metadata"].isSet {
            findings.forbidden(schema["properties"][key: "metadata"], "must not be specified in a nested context")
        }
    }

    /// What is judged must have a shape: `schema` is where it has it.
    mutating func completeness(of validation: FieldCursor, in schema: FieldCursor) {
        for nested in Self.junctors(validation) { completeness(of: nested, in: schema) }
        if validation["items"].value?.object != nil {
            completeness(of: validation["items"], below: schema["items"])
        }
        for (name, property) in validation["properties"].entries {
            completeness(of: property, below: schema["properties"][key: name])
        }
    }

    private mutating func completeness(of validation: FieldCursor, below schema: FieldCursor) {
        if schema.isSet {
            completeness(of: validation, in: schema)
        } else {
            findings.missing(schema, "because it is defined in \(validation.path)")
        }
    }
}
