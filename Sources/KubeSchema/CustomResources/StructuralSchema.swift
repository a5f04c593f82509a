import KubeAPI

/// The schema of a custom resource (apiextensions JSONSchemaProps), read once: pruning, defaults and validation walk it.
public final class StructuralSchema: Sendable {
    public enum Kind: String, Sendable { case object, array, string, integer, number, boolean }

    /// nil where any type is allowed: x-kubernetes-int-or-string and x-kubernetes-preserve-unknown-fields.
    public let kind: Kind?
    public let properties: [String: StructuralSchema]
    public let items: StructuralSchema?
    /// What members that are not in `properties` look like.
    public let additionalProperties: StructuralSchema?
    public let allowsAnyProperties: Bool
    public let required: [String]
    public let isNullable: Bool
    public let preservesUnknownFields: Bool
    public let isEmbeddedResource: Bool
    public let isIntOrString: Bool
    public let defaultValue: JSONValue?
    public let listType: FieldDefinition.ListType?
    public let listMapKeys: [String]
    public let mapType: FieldDefinition.MapType?
    /// The value checks of this level, in the order in which they are made.
    public let rules: [ValueRule]

    /// `json` is a JSONSchemaProps whose shape was checked; what is missing counts as nothing said.
    public convenience init(_ json: JSONValue) { self.init(json, depth: 0) }

    private init(_ json: JSONValue, depth: Int) {
        func child(_ json: JSONValue) -> StructuralSchema { StructuralSchema(json, depth: depth + 1) }
        let below = depth < JSONParser.maximumDepth
        func flag(_ name: String) -> Bool { json[name]?.bool ?? false }

        kind = json["type"]?.string.flatMap(Kind.init)
        properties = Dictionary(
            (below ? json["properties"]?.object?.members ?? [] : []).map { ($0.key, child($0.value)) },
            uniquingKeysWith: { $1 })
        items = below && json["items"]?.object != nil ? child(json["items"] ?? .null) : nil
        additionalProperties =
            below && json["additionalProperties"]?.object != nil ? child(json["additionalProperties"] ?? .null) : nil
        allowsAnyProperties = json["additionalProperties"]?.bool ?? false
        required = json["required"]?.array?.compactMap(\.string) ?? []
        isNullable = flag("nullable")
        preservesUnknownFields = flag("x-kubernetes-preserve-unknown-fields")
        isEmbeddedResource = flag("x-kubernetes-embedded-resource")
        isIntOrString = flag("x-kubernetes-int-or-string")
        defaultValue = json["default"]
        listType =
            switch json["x-kubernetes-list-type"]?.string {
            case "set": .set
            case "map": .map
            case "atomic": .atomic
            default: nil
            }
        listMapKeys = json["x-kubernetes-list-map-keys"]?.array?.compactMap(\.string) ?? []
        mapType =
            switch json["x-kubernetes-map-type"]?.string {
            case "atomic": .atomic
            case "granular": .granular
            default: nil
            }
        rules = below ? ValueRule.rules(json, child) : []
    }

    /// The schema of a member.
    func member(_ key: String) -> StructuralSchema? { properties[key] ?? additionalProperties }
}
