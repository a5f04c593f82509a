import KubeAPI

/// Whether a JSONSchemaProps is structural (KEP-1141's rules): every level has a type and says nothing that would make its
/// shape depend on values.
public struct StructuralCheck {
    enum Level { case root, item, field }

    var findings = Findings()
    /// There are x-kubernetes-validations (KEP-2876).
    public let hasValidationRules: Bool

    /// `path` is where the schema stands: `spec.versions[0].schema.openAPIV3Schema`.
    public init(_ schema: JSONValue, path: String) {
        hasValidationRules = Self.hasRules(schema)
        let root = FieldCursor(schema, at: path)
        check(root, .root)
        for validation in Self.junctors(root) { completeness(of: validation, in: root) }
    }

    /// In the order of their texts.
    public var errors: [FieldError] {
        findings.errors.map { ("\($0.path): \($0.message)", $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    private static func hasRules(_ schema: JSONValue) -> Bool {
        if schema["x-kubernetes-validations"]?.array?.isEmpty == false { return true }
        let below = (schema["properties"]?.object?.members ?? []).map(\.value)
        return (below + [schema["items"], schema["additionalProperties"]].compactMap { $0 }).contains(where: hasRules)
    }

    static func flag(_ schema: FieldCursor, _ name: String) -> Bool { schema["x-kubernetes-\(name)"].isTrue }

    private mutating func check(_ schema: FieldCursor, _ level: Level) {
        let (items, more) = (schema["items"], schema["additionalProperties"])
        if schema["type"].string == "array", !items.isSet { findings.missing(items, "must be specified") }
        if items.value?.object != nil { check(items, .item) }
        for (_, property) in schema["properties"].entries { check(property, .field) }
        if more.isSet, level == .root { findings.forbidden(more, "must not be used at the root") }
        if more.value?.object != nil { check(more, .field) }
        if Self.flag(schema, "int-or-string") {
            for name in ["preserve-unknown-fields", "embedded-resource"] where Self.flag(schema, name) {
                findings.invalid(
                    schema["x-kubernetes-\(name)"], "must be false if x-kubernetes-int-or-string is true")
            }
        }
        values(of: schema, isIntOrString: Self.isIntOrString(schema))
        type(of: schema, level)
        embeddedResource(schema)
        if level == .root || Self.flag(schema, "embedded-resource") { typeMeta(schema["properties"]) }
        if level == .root { metadata(schema["properties"]) }
    }

    private mutating func type(of schema: FieldCursor, _ level: Level) {
        let type = schema["type"]
        guard !Self.flag(schema, "embedded-resource") || type.string == "object" else {
            let rule = "must be object if x-kubernetes-embedded-resource is true"
            if type.isEmpty { findings.missing(type, rule) } else { findings.invalid(type, rule) }
            return
        }
        let isTypeless = Self.flag(schema, "int-or-string") || Self.flag(schema, "preserve-unknown-fields")
        if type.isEmpty, !isTypeless {
            switch level {
            case .root: findings.missing(type, "must not be empty at the root")
            case .item: findings.missing(type, "must not be empty for specified array items")
            case .field: findings.missing(type, "must not be empty for specified object fields")
            }
        }
        if level == .root, !type.isEmpty, type.string != "object" {
            findings.invalid(type, "must be object at the root")
        }
    }

    private mutating func embeddedResource(_ schema: FieldCursor) {
        guard Self.flag(schema, "embedded-resource") else { return }
        if schema["additionalProperties"].isSet {
            findings.forbidden(
                schema["additionalProperties"], "must not be used if x-kubernetes-embedded-resource is set")
        }
        if !Self.flag(schema, "preserve-unknown-fields"), schema["properties"].isEmpty {
            findings.missing(
                schema["properties"],
                "must not be empty if x-kubernetes-embedded-resource is true without "
                    + "x-kubernetes-preserve-unknown-fields")
        }
    }

    private mutating func typeMeta(_ properties: FieldCursor) {
        for (name, type) in [("kind", "string"), ("apiVersion", "string"), ("metadata", "object")] {
            let property = properties[key: name]
            if property.isSet, property["type"].string != type { findings.invalid(property["type"], "must be \(type)") }
        }
    }

    /// What the server gives every object cannot be said again, but for how it is named.
    private mutating func metadata(_ properties: FieldCursor) {
        let metadata = properties[key: "metadata"]
        let others = (metadata.value?.object?.members ?? []).filter { member in
            switch member.key {
            case "type", "default": false
            case "properties":
                !Set((member.value.object?.members ?? []).map(\.key)).isSubset(of: ["name", "generateName"])
            default: Self.isSaid(metadata[member])
            }
        }
        if !others.isEmpty {
            findings.forbidden(
                metadata,
                "must not specify anything other than name and generateName, but metadata is implicitly specified")
        }
    }

    static func isSaid(_ field: FieldCursor) -> Bool { !field.isEmpty && field.value != .bool(false) }
}
