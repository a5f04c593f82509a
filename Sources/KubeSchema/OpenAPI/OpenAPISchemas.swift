import KubeAPI

/// Types as OpenAPI schemas, by name.
struct OpenAPISchemas {
    enum Style { case v2, v3 }

    static let metaPrefix = "io.k8s.apimachinery.pkg.apis.meta.v1."
    /// A patch is an object, whatever it patches.
    static let patch = metaPrefix + "Patch"

    let style: Style
    private let custom: [String: OpenAPIResource]

    init(style: Style, custom: [OpenAPIResource]) {
        self.style = style
        self.custom = Dictionary(custom.map { ($0.definition.typeName, $0) }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: - Which

    /// The names of all types that requests and answers of these resources hold, in order.
    func closure(of resources: [ResourceDefinition]) -> [String] {
        var names: Set<String> = [Self.patch]
        var left = ["Status", "DeleteOptions", "WatchEvent", "APIResourceList"].map { Self.metaPrefix + $0 }
        for resource in resources {
            left.append(resource.typeName)
            left.append(contentsOf: [OpenAPITypes.list(of: resource)].compactMap { $0 })
            left.append(contentsOf: resource.subresources.compactMap { OpenAPITypes.type(of: $0, resource) })
        }
        while let name = left.popLast() {
            guard names.insert(name).inserted else { continue }
            left.append(contentsOf: references(name))
        }
        return names.sorted { $0.utf8Precedes($1) }
    }

    private func references(_ name: String) -> [String] {
        guard let type = Schema.builtin.type(named: name) else {
            return [Self.metaPrefix + "ObjectMeta", Self.metaPrefix + "ListMeta"]
        }
        return Schema.builtin[type].fields.compactMap { $0.shape.reference.map { Schema.builtin[$0].name } }
    }

    // MARK: - How

    func schema(_ name: String) -> JSONValue {
        if name == Self.patch { return ["type": "object"] }
        if let type = Schema.builtin.type(named: name) { return builtin(Schema.builtin[type]) }
        if let resource = custom[name] { return object(resource) }
        if let resource = custom.values.first(where: { OpenAPITypes.list(of: $0.definition) == name }) {
            return list(resource)
        }
        return ["type": "object"]
    }

    private func builtin(_ type: TypeDefinition) -> JSONValue {
        switch type.form {
        case .object: break
        case .time, .microTime: return ["type": "string", "format": "date-time"]
        case .duration: return ["type": "string"]
        case .quantity:
            return style == .v2 ? ["type": "string"] : ["oneOf": [["type": "string"], ["type": "number"]]]
        case .intOrString:
            return style == .v2
                ? ["type": "string", "format": "int-or-string"]
                : ["format": "int-or-string", "oneOf": [["type": "integer"], ["type": "string"]]]
        case .raw: return ["type": "object"]
        case .json, .schemaOrBool, .schemaOrArray, .schemaOrStringArray: return .emptyObject
        case .list: return ["type": "array", "items": ["type": "string"]]
        }
        var schema: [JSONObject.Member] = []
        if let words = DescriptionTable.description(of: type.name) {
            schema.append(JSONObject.Member("description", .string(words)))
        }
        schema.append(JSONObject.Member("type", "object"))
        let required = type.fields.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { schema.append(JSONObject.Member("required", .array(required))) }
        if !type.fields.isEmpty {
            let properties = type.fields.map { JSONObject.Member($0.name, property($0, of: type)) }
            schema.append(JSONObject.Member("properties", .object(JSONObject(properties))))
        }
        if let kinds = OpenAPITypes.kinds[type.name] {
            schema.append(JSONObject.Member("x-kubernetes-group-version-kind", .array(kinds)))
        }
        return .object(JSONObject(schema))
    }

    private func property(_ field: FieldDefinition, of type: TypeDefinition) -> JSONValue {
        var members = shape(field.shape).members
        func add(_ key: String, _ value: JSONValue) { members.append(JSONObject.Member(key, value)) }
        if let value = field.defaultValue { add("default", value) }
        if !field.allowedValues.isEmpty, case .string = field.shape {
            add("enum", .array(field.allowedValues.map { .string($0) }))
        }
        if let type = field.listType {
            add("x-kubernetes-list-type", type == .map ? "map" : type == .set ? "set" : "atomic")
        }
        if !field.listMapKeys.isEmpty {
            add("x-kubernetes-list-map-keys", .array(field.listMapKeys.map { .string($0) }))
        }
        if let type = field.mapType { add("x-kubernetes-map-type", type == .atomic ? "atomic" : "granular") }
        if !field.patchStrategies.isEmpty {
            add("x-kubernetes-patch-strategy", .string(field.patchStrategies.joined(separator: ",")))
        }
        if let key = field.patchMergeKey { add("x-kubernetes-patch-merge-key", .string(key)) }
        if let words = DescriptionTable.description(of: type.name, field: field.name) {
            add("description", .string(words))
        }
        // In version 3 nothing may stand beside a reference.
        if style == .v3, members.count > 1, members[0].key == "$ref" {
            members[0] = JSONObject.Member("allOf", [.object(JSONObject([members[0]]))])
        }
        return .object(JSONObject(members))
    }

    private func shape(_ shape: FieldShape) -> JSONValue {
        switch shape {
        case .string: ["type": "string"]
        case .bytes: ["type": "string", "format": "byte"]
        case .boolean: ["type": "boolean"]
        case .int32: ["type": "integer", "format": "int32"]
        case .int64: ["type": "integer", "format": "int64"]
        case .number: ["type": "number", "format": "double"]
        case .any: .emptyObject
        case .array(let element): ["type": "array", "items": self.shape(element)]
        case .map(let element): ["type": "object", "additionalProperties": self.shape(element)]
        case .type(let reference): self.reference(Schema.builtin[reference].name)
        }
    }

    func reference(_ name: String) -> JSONValue { Self.reference(name, style) }

    static func reference(_ name: String, _ style: Style) -> JSONValue {
        ["$ref": .string((style == .v2 ? "#/definitions/" : "#/components/schemas/") + name)]
    }

    // MARK: - Custom resources

    private func object(_ resource: OpenAPIResource) -> JSONValue {
        var schema = style == .v2 ? resource.schema.forVersion2 : resource.schema
        if schema.object == nil { schema = .emptyObject }
        schema.put("type", "object")
        schema.make("properties") { properties in
            properties.setDefault("apiVersion", ["type": "string"])
            properties.setDefault("kind", ["type": "string"])
            properties.put("metadata", reference(Self.metaPrefix + "ObjectMeta"))
        }
        schema.put(
            "x-kubernetes-group-version-kind", [OpenAPITypes.kind(resource.definition, resource.definition.kind)])
        return schema
    }

    private func list(_ resource: OpenAPIResource) -> JSONValue {
        [
            "type": "object", "required": ["items"],
            "properties": [
                "apiVersion": ["type": "string"], "kind": ["type": "string"],
                "metadata": reference(Self.metaPrefix + "ListMeta"),
                "items": ["type": "array", "items": reference(resource.definition.typeName)],
            ],
            "x-kubernetes-group-version-kind": [OpenAPITypes.kind(resource.definition, resource.definition.listKind)],
        ]
    }
}

/// Names of types in paths and schemas.
enum OpenAPITypes {
    /// The kinds that each type has at the root of a body.
    static let kinds: [String: [JSONValue]] = {
        var kinds: [String: [JSONValue]] = [:]
        for row in TableText.rows(KindTable.text, columns: 4) {
            kinds[row[3].string, default: []].append(kind(row[0].string, row[1].string, row[2].string))
        }
        return kinds
    }()

    static func kind(_ group: String, _ version: String, _ kind: String) -> JSONValue {
        ["group": .string(group), "kind": .string(kind), "version": .string(version)]
    }

    static func kind(_ resource: ResourceDefinition, _ kind: String) -> JSONValue {
        self.kind(resource.group, resource.version, kind)
    }

    static func list(of resource: ResourceDefinition) -> String? {
        guard !resource.listKind.isEmpty else { return nil }
        return builtin(resource.group, resource.version, resource.listKind) ?? resource.typeName + "List"
    }

    static func type(of subresource: ResourceDefinition.Subresource, _ resource: ResourceDefinition) -> String? {
        if subresource.kind == resource.kind { return resource.typeName }
        return builtin(subresource.group, subresource.version, subresource.kind)
    }

    static func builtin(_ group: String, _ version: String, _ kind: String) -> String? {
        APICatalog.builtin.type(group: group, version: version, kind: kind).map { Schema.builtin[$0].name }
    }
}

extension JSONValue {
    /// Without what version 2 has no words for.
    fileprivate var forVersion2: JSONValue {
        switch self {
        case .array(let elements): return .array(elements.map(\.forVersion2))
        case .object(let object):
            let absent: Set = ["oneOf", "anyOf", "not", "nullable"]
            return .object(
                JSONObject(
                    object.members.filter { !absent.contains($0.key) }.map {
                        JSONObject.Member($0.key, $0.value.forVersion2)
                    }))
        default: return self
        }
    }
}

extension FieldShape {
    /// The type that it is, or that its elements are.
    fileprivate var reference: TypeReference? {
        switch self {
        case .type(let reference): reference
        case .array(let element), .map(let element): element.reference
        default: nil
        }
    }
}
