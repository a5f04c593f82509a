import KubeAPI

/// What a JSONSchemaProps of a CustomResourceDefinition may say at all, level by level.
struct SchemaRules {
    /// What the levels above say of a level.
    private struct Context {
        var isInMetadata = false
        /// Why there are none; nil where there may be some.
        var defaultsAreForbidden: String?
    }

    private(set) var findings = Findings()

    static func check(_ schema: FieldCursor, _ findings: inout Findings) {
        var rules = SchemaRules()
        rules.check(schema, Context(), isRoot: true)
        for error in rules.findings.errors { findings.add(error) }
    }

    private mutating func check(_ schema: FieldCursor, _ context: Context, isRoot: Bool = false) {
        standard(schema, context)
        if schema["uniqueItems"].isTrue {
            findings.forbidden(
                schema["uniqueItems"],
                "uniqueItems cannot be set to true since the runtime complexity becomes quadratic")
        }
        below(schema, context, isRoot)
        if schema["x-kubernetes-preserve-unknown-fields"].value == .bool(false) {
            findings.invalid(schema["x-kubernetes-preserve-unknown-fields"], "must be true or undefined")
        }
        mapType(schema)
        listType(schema)
        if schema["x-kubernetes-list-type"].string == "map" { mapList(schema) }
        keys(of: schema)
        for rule in schema["x-kubernetes-validations"].items { validationRule(rule, schema) }
    }

    private mutating func below(_ schema: FieldCursor, _ context: Context, _ isRoot: Bool) {
        let more = schema["additionalProperties"]
        if more.isSet, !schema["properties"].isEmpty, more.value != .bool(true) {
            findings.forbidden(more, "additionalProperties and properties are mutual exclusive")
        }
        if more.value?.object != nil {
            var inner = context
            if context.isInMetadata {
                inner.defaultsAreForbidden = "inside additionalProperties applying to object metadata"
            }
            check(more, inner)
        }
        let isResource = isRoot || schema["x-kubernetes-embedded-resource"].isTrue
        for (name, property) in schema["properties"].entries {
            var inner = context
            if isResource, ["metadata", "kind", "apiVersion"].contains(name) {
                inner.isInMetadata = true
                if isRoot { inner.defaultsAreForbidden = "in top-level \(name)" }
            }
            check(property, inner)
        }
        if schema["not"].isSet { check(schema["not"], context) }
        for name in ["allOf", "oneOf", "anyOf"] { for nested in schema[name].items { check(nested, context) } }
        if schema["items"].value?.object != nil { check(schema["items"], context) }
        for nested in schema["items"].items { check(nested, context) }
    }

    private static let types = ["array", "boolean", "integer", "number", "object", "string"]
    private static let unsupported = [
        "id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref",
    ]

    private mutating func standard(_ schema: FieldCursor, _ context: Context) {
        findings.expect(schema["type"], oneOf: Self.types)
        if let reason = context.defaultsAreForbidden, schema["default"].isSet {
            findings.forbidden(schema["default"], "must not be set \(reason)")
        }
        for name in Self.unsupported where schema[name].isSet {
            findings.forbidden(schema[name], "\(name) is not supported")
        }
        if schema["type"].string == "null" {
            findings.forbidden(schema["type"], "type cannot be set to null, use nullable as an alternative")
        }
        if !schema["items"].items.isEmpty {
            findings.forbidden(schema["items"], "items must be a schema object and not an array")
        }
        if context.isInMetadata, schema["x-kubernetes-embedded-resource"].isTrue {
            findings.forbidden(
                schema["x-kubernetes-embedded-resource"], "must not be used inside of resource meta")
        }
    }

    // MARK: - Lists and maps

    private mutating func require(_ type: FieldCursor, _ wanted: String, _ reason: String) {
        guard type.string != wanted else { return }
        let detail = "must be \(wanted) if \(reason) is specified"
        if type.isEmpty { findings.missing(type, detail) } else { findings.invalid(type, detail) }
    }

    private mutating func mapType(_ schema: FieldCursor) {
        let mapType = schema["x-kubernetes-map-type"]
        guard mapType.isSet else { return }
        require(schema["type"], "object", "x-kubernetes-map-type")
        findings.expect(mapType, oneOf: ["atomic", "granular"])
    }

    private mutating func listType(_ schema: FieldCursor) {
        let (listType, items) = (schema["x-kubernetes-list-type"], schema["items"])
        if !schema["x-kubernetes-list-map-keys"].isEmpty, listType.string != "map" {
            let rule = "must be map if x-kubernetes-list-map-keys is non-empty"
            if listType.isSet { findings.invalid(listType, rule) } else { findings.missing(listType, rule) }
        }
        guard listType.isSet else { return }
        require(schema["type"], "array", "x-kubernetes-list-type")
        if schema["type"].string == "array", listType.string == "set" {
            let rule = "must be atomic as item of a list with x-kubernetes-list-type=set"
            let (itemList, itemMap) = (items["x-kubernetes-list-type"], items["x-kubernetes-map-type"])
            if items["type"].string == "array", itemList.isSet, itemList.string != "atomic" {
                findings.invalid(itemList, rule)
            }
            if items["type"].string == "object", itemMap.string != "atomic" {
                // Upstream shows the other type here.
                findings.add(FieldError(.invalid, itemMap.path, itemList.value ?? .null, rule))
            }
        }
        findings.expect(listType, oneOf: ["atomic", "set", "map"])
    }

    private mutating func keys(of schema: FieldCursor) {
        let (listType, items) = (schema["x-kubernetes-list-type"], schema["items"])
        let keys = schema["x-kubernetes-list-map-keys"].items.map(\.string)
        guard ["set", "map"].contains(listType.string), items.isSet else { return }
        if items["nullable"].isTrue {
            findings.forbidden(
                items["nullable"], "cannot be nullable when x-kubernetes-list-type is \(listType.string)")
        }
        guard listType.string == "map" else { return }
        let required = Set(items["required"].items.map(\.string))
        for key in keys {
            let property = items["properties"][key: key]
            guard property.isSet else { continue }
            if !required.contains(key), !property["default"].isSet {
                findings.missing(
                    property["default"],
                    "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"
                )
            }
            if property["nullable"].isTrue {
                findings.forbidden(
                    property["nullable"], "this property is in x-kubernetes-list-map-keys, so it cannot be nullable")
            }
        }
    }

    private mutating func mapList(_ schema: FieldCursor) {
        let (keys, items) = (schema["x-kubernetes-list-map-keys"], schema["items"])
        if keys.isEmpty { findings.missing(keys, "must not be empty if x-kubernetes-list-type is map") }
        guard items.isSet else {
            return findings.missing(items, "must have a schema if x-kubernetes-list-type is map")
        }
        guard items["type"].string == "object" else {
            let type = items["type"].holding(.string(items["type"].string))
            return findings.invalid(type, "must be object if parent array's x-kubernetes-list-type is map")
        }
        var seen: Set<String> = []
        for key in keys.items {
            let property = items["properties"][key: key.string]
            if !property.isSet {
                findings.invalid(keys, "entries must all be names of item properties")
            } else if ["array", "object"].contains(property["type"].string) {
                findings.invalid(
                    property["type"].holding("object"),
                    "must be a scalar type if parent array's x-kubernetes-list-type is map")
            }
            if !seen.insert(key.string).inserted { findings.invalid(keys, "must not contain duplicate entries") }
        }
    }

    // MARK: - Rules in CEL

    /// Their expressions are not compiled.
    private mutating func validationRule(_ rule: FieldCursor, _ schema: FieldCursor) {
        func isBlank(_ field: FieldCursor) -> Bool { field.string.allSatisfy(\.isWhitespace) }
        func isBroken(_ text: String) -> Bool { text.contains(where: \.isNewline) }
        func trimmed(_ field: FieldCursor) -> String {
            let text = field.string.drop(while: \.isWhitespace)
            return String(text.prefix(text.count - text.reversed().prefix(while: \.isWhitespace).count))
        }
        let (text, message) = (rule["rule"], rule["message"])
        if isBlank(text) {
            findings.missing(text, "rule is not specified")
        } else if !message.isEmpty, isBlank(message) {
            findings.invalid(message, "message must be non-empty if specified")
        } else if isBroken(trimmed(message)) {
            findings.invalid(message, "message must not contain line breaks")
        } else if isBroken(trimmed(text)), isBlank(message) {
            findings.missing(message, "message must be specified if rule contains line breaks")
        }
        if !rule["messageExpression"].isEmpty, isBlank(rule["messageExpression"]) {
            findings.missing(rule["messageExpression"], "messageExpression must be non-empty if specified")
        }
        findings.expect(
            rule["reason"],
            oneOf: ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"])
        let path = rule["fieldPath"]
        guard !path.isEmpty else { return }
        if isBlank(path) { findings.invalid(path, "fieldPath must be non-empty if specified") }
        if isBroken(path.string) { findings.invalid(path, "fieldPath must not contain line breaks") }
        if Self.schema(at: path.string, in: schema) == nil {
            findings.invalid(path, "fieldPath must be a valid path")
        }
    }

    /// Where `.spec.color` leads; nil for nowhere.
    static func schema(at path: String, in schema: FieldCursor) -> FieldCursor? {
        guard let members = FieldQuery(path)?.members, !members.isEmpty else { return nil }
        return members.reduce(Optional(schema)) { schema, name in
            guard let schema else { return nil }
            let property = schema["properties"][key: name]
            if property.isSet { return property }
            return schema["additionalProperties"].value?.object != nil ? schema["additionalProperties"] : nil
        }
    }
}
