import KubeAPI
import KubeSchema

/// Who owns which field (metadata.managedFields), kept by every write.
enum ManagedFields {
    /// An apply has settled them already.
    static func update(
        _ object: inout JSONValue, old: JSONValue?, _ served: ServedResource, _ context: RequestContext
    ) {
        guard !context.isApply else { return }
        object = ServerSideApply(schema: served.schema, type: served.type).updating(
            object, from: old, by: writer(served, context))
    }

    static func writer(_ served: ServedResource, _ context: RequestContext) -> ServerSideApply.Writer {
        let definition = served.definition
        let reset = ResetFields.fields(
            group: definition.group, kind: definition.kind, subresource: context.subresource,
            hasStatus: definition.subresources.contains { $0.name == "status" })
        return ServerSideApply.Writer(
            manager: context.fieldManager, apiVersion: definition.apiVersion, subresource: context.subresource,
            resetFields: reset, now: RFC3339.text(nanoseconds: context.now, .seconds))
    }

    /// Nothing to write: equal but for the times at which managers wrote.
    static func isSame(_ object: JSONValue, _ old: JSONValue) -> Bool { bare(object) == bare(old) }

    private static func bare(_ object: JSONValue) -> JSONValue {
        var object = object
        let entries = object[path: "metadata", "managedFields"]?.array?.map { entry in
            var entry = entry
            entry[path: "time"] = nil
            return entry
        }
        object.setMeta("managedFields", entries.map { .array($0) })
        object.setMeta("resourceVersion", nil)
        return object
    }
}
