import KubeAPI
import KubeSchema

/// A few types with everything that merging looks at, and shorthand for tests.
enum SmallSchema {
    static func json(_ text: String) throws -> JSONValue { try JSONParser.parse(text) }

    static let schema = Schema(types: [
        TypeDefinition(
            name: "Object",
            fields: [
                FieldDefinition("kind", .string), FieldDefinition("apiVersion", .string),
                FieldDefinition("metadata", .type(TypeReference(index: 1))),
                FieldDefinition("spec", .type(TypeReference(index: 2))),
                FieldDefinition("status", .type(TypeReference(index: 5))),
            ]),
        TypeDefinition(
            name: "Metadata",
            fields: [
                FieldDefinition("name", .string), FieldDefinition("namespace", .string),
                FieldDefinition("labels", .map(.string)), FieldDefinition("annotations", .map(.string)),
                list("finalizers", .string, .set, strategy: "merge"), FieldDefinition("resourceVersion", .string),
                FieldDefinition("managedFields", .array(.any)), FieldDefinition("uid", .string),
                FieldDefinition("generation", .int64), FieldDefinition("creationTimestamp", .string),
            ]),
        TypeDefinition(
            name: "Spec",
            fields: [
                FieldDefinition("replicas", .int32), FieldDefinition("paused", .boolean),
                list("containers", .type(TypeReference(index: 3)), .map, ["name"], strategy: "merge", key: "name"),
                list("args", .string, .atomic), list("addresses", .string, nil),
                FieldDefinition("strategy", .type(TypeReference(index: 4)), strategies: ["retainKeys"]),
                FieldDefinition("selector", .map(.string), mapType: .atomic),
                FieldDefinition("limits", .map(.type(TypeReference(index: 6)))),
                list("things", .type(TypeReference(index: 3)), .atomic),
            ]),
        TypeDefinition(
            name: "Container",
            fields: [
                FieldDefinition("name", .string), FieldDefinition("image", .string), list("args", .string, .atomic),
                list(
                    "ports", .type(TypeReference(index: 7)), .map, ["containerPort", "protocol"], strategy: "merge",
                    key: "containerPort"),
            ]),
        TypeDefinition(
            name: "Strategy",
            fields: [
                FieldDefinition("type", .string), FieldDefinition("rollingUpdate", .map(.int32)),
                FieldDefinition("other", .string),
            ]),
        TypeDefinition(
            name: "Status", fields: [FieldDefinition("phase", .string), FieldDefinition("replicas", .int32)]),
        TypeDefinition(name: "Quantity", form: .quantity),
        TypeDefinition(
            name: "Port",
            fields: [
                FieldDefinition("containerPort", .int32), FieldDefinition("protocol", .string, defaultValue: "TCP"),
                FieldDefinition("name", .string), FieldDefinition("hostIP", .string),
            ]),
    ])

    static let object = TypeReference(index: 0)

    static func list(
        _ name: String, _ element: FieldShape, _ type: FieldDefinition.ListType?, _ keys: [String] = [],
        strategy: String? = nil, key: String? = nil
    ) -> FieldDefinition {
        var field = FieldDefinition(name, .array(element))
        field.listType = type
        field.listMapKeys = keys
        field.patchStrategies = strategy.map { [$0] } ?? []
        field.patchMergeKey = key
        return field
    }
}

extension FieldDefinition {
    fileprivate init(
        _ name: String, _ shape: FieldShape, defaultValue: JSONValue? = nil, mapType: MapType? = nil,
        strategies: [String] = []
    ) {
        self.init(name, shape)
        self.defaultValue = defaultValue
        self.mapType = mapType
        patchStrategies = strategies
    }
}
