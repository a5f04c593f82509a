import KubeAPI
import KubeSchema

extension ServedResource {
    /// What a client wrote as an object of this kind: kind, apiVersion and metadata first, unknown fields out (and told),
    /// defaults in. `isDecoded`: the schema has made it, from protobuf.
    func canonical(_ given: JSONValue, isDecoded: Bool = false) throws(DecodingRefusal) -> Normalized {
        var normalized: Normalized
        if let custom {
            normalized = try Self.custom(given, custom)
        } else {
            normalized =
                isDecoded ? Normalized(value: given, findings: []) : try schema.normalize(given, as: type)
            schema.applyDefaults(
                &normalized.value, group: definition.group, version: definition.version, kind: definition.kind)
        }
        normalized.value = named(normalized.value)
        return normalized
    }

    private static func custom(
        _ given: JSONValue, _ version: CustomResourceDefinition.Version
    ) throws(DecodingRefusal) -> Normalized {
        var normalized = version.schema.pruned(given)
        version.schema.applyDefaults(&normalized.value)
        if let metadata = normalized.value["metadata"],
            let type = Schema.builtin.type(named: "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
        {
            let own = try Schema.builtin.normalize(metadata, as: type)
            normalized.value[path: "metadata"] = own.value
            normalized.findings += own.findings.map { $0.replacing("field \"", with: "field \"metadata.") }
        }
        return normalized
    }

    /// Kind, apiVersion and metadata at the head, as the stored form has them.
    private func named(_ value: JSONValue) -> JSONValue {
        let head: [JSONObject.Member] = [
            .init("kind", .string(definition.kind)), .init("apiVersion", .string(definition.apiVersion)),
            .init("metadata", value["metadata"] ?? .emptyObject),
        ]
        let rest = (value.object?.members ?? []).filter { member in !head.contains { $0.key == member.key } }
        return .object(JSONObject(head + rest))
    }

    /// Puts members that strategies and plugins have added where their type has them, so that equal objects are equal.
    func putInOrder(_ object: inout JSONValue) {
        if custom == nil { schema.order(&object, as: type) }
        object = named(object)
    }
}
