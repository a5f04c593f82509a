import KubeAPI

/// Whether the defaults of a structural schema are values that the schema allows.
enum SchemaDefaultsCheck {
    static func check(_ schema: FieldCursor, isInMetadata: Bool = false, _ findings: inout Findings) {
        if let standard = schema["default"].value, !isInMetadata, let json = schema.value {
            check(standard, schema["default"], StructuralSchema(json), &findings)
        }
        if schema["items"].value?.object != nil {
            check(schema["items"], isInMetadata: isInMetadata, &findings)
        }
        let isEmbedded = schema["x-kubernetes-embedded-resource"].isTrue
        for (name, property) in schema["properties"].entries {
            let isOfEveryObject = isEmbedded && ["metadata", "kind", "apiVersion"].contains(name)
            check(property, isInMetadata: isInMetadata && !isEmbedded || isOfEveryObject, &findings)
        }
    }

    private static func check(
        _ value: JSONValue, _ field: FieldCursor, _ schema: StructuralSchema, _ findings: inout Findings
    ) {
        if !schema.unknownFields(in: value).isEmpty { findings.invalid(field, "must not have unknown fields") }
        for error in schema.validate(value) {
            var error = error
            let below = error.path == "<nil>" ? "" : error.path.hasPrefix("[") ? error.path : ".\(error.path)"
            error.path = field.path + below
            findings.add(error)
        }
    }
}
