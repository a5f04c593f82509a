import KubeAPI

/// Whether a JSONSchemaProps is structural (KEP-1141's rules): every level has a type and says nothing that would make its
/// shape depend on values.
public struct StructuralCheck {
    public private(set) var errors: [FieldError] = []
    /// There are x-kubernetes-validations (KEP-2876).
    public private(set) var hasValidationRules = false

    /// `path` is where the schema stands: `spec.versions[0].schema.openAPIV3Schema`.
    public init(_ schema: JSONValue, path: String) {
        if schema["type"]?.string != "object" {
            add(.invalid, "\(path).type", schema["type"] ?? "", "must be object at the root")
        }
        check(schema, path: path, depth: 0)
    }

    private mutating func add(_ reason: FieldError.Reason, _ path: String, _ value: JSONValue?, _ detail: String) {
        guard errors.count < 100 else { return }
        errors.append(FieldError(reason, path, value, detail))
    }

    private mutating func check(_ schema: JSONValue, path: String, depth: Int) {
        guard depth < 100 else { return add(.invalid, path, nil, "must not be nested deeper than 100 levels") }
        func flag(_ name: String) -> Bool { schema[name]?.bool == true }
        let type = schema["type"]?.string ?? ""
        let isTypeless = flag("x-kubernetes-int-or-string") || flag("x-kubernetes-preserve-unknown-fields")
        if type.isEmpty, !isTypeless {
            add(
                .required, "\(path).type", nil,
                "must not be empty for specified \(depth == 0 ? "root" : "object fields")")
        } else if !type.isEmpty, StructuralSchema.Kind(rawValue: type) == nil {
            let kinds = #"supported values: "array", "boolean", "integer", "number", "object", "string""#
            add(.notSupported, "\(path).type", .string(type), kinds)
        }
        checkForbidden(schema, path)
        checkLists(schema, type, path)
        if schema["x-kubernetes-validations"]?.array?.isEmpty == false { hasValidationRules = true }
        if let pattern = schema["pattern"]?.string, SchemaPattern(pattern) == nil {
            add(.invalid, "\(path).pattern", .string(pattern), "must be a valid regular expression")
        }
        checkBelow(schema, type, path, depth)
    }

    private mutating func checkForbidden(_ schema: JSONValue, _ path: String) {
        for field in ["$ref", "$schema", "id", "definitions", "dependencies", "patternProperties", "additionalItems"]
        where schema[field] != nil {
            add(.forbidden, "\(path).\(field)", nil, "\(field) is not supported")
        }
        if schema["uniqueItems"]?.bool == true {
            add(
                .forbidden, "\(path).uniqueItems", nil,
                "uniqueItems cannot be set to true since the runtime complexity becomes quadratic")
        }
        if schema["properties"] != nil, schema["additionalProperties"] != nil {
            add(
                .forbidden, "\(path).additionalProperties", nil,
                "additionalProperties and properties are mutual exclusive")
        }
    }

    private mutating func checkLists(_ schema: JSONValue, _ type: String, _ path: String) {
        if type == "array", schema["items"]?.object == nil {
            add(.required, "\(path).items", nil, "must be specified")
        }
        if let mapType = schema["x-kubernetes-map-type"]?.string, !["atomic", "granular"].contains(mapType) {
            add(
                .notSupported, "\(path).x-kubernetes-map-type", .string(mapType),
                #"supported values: "atomic", "granular""#)
        }
        guard let listType = schema["x-kubernetes-list-type"]?.string else { return }
        if !["atomic", "set", "map"].contains(listType) {
            add(
                .notSupported, "\(path).x-kubernetes-list-type", .string(listType),
                #"supported values: "atomic", "map", "set""#)
        }
        let keys = schema["x-kubernetes-list-map-keys"]?.array ?? []
        if listType == "map", keys.isEmpty {
            add(
                .required, "\(path).x-kubernetes-list-map-keys", nil,
                "must not be empty if x-kubernetes-list-type is map")
        }
    }

    private mutating func checkBelow(_ schema: JSONValue, _ type: String, _ path: String, _ depth: Int) {
        for member in schema["properties"]?.object?.members ?? [] {
            if depth == 0, member.key == "metadata" { continue }
            check(member.value, path: "\(path).properties[\(member.key)]", depth: depth + 1)
        }
        if let items = schema["items"], items.object != nil { check(items, path: "\(path).items", depth: depth + 1) }
        if let more = schema["additionalProperties"], more.object != nil {
            check(more, path: "\(path).additionalProperties", depth: depth + 1)
        }
    }
}
