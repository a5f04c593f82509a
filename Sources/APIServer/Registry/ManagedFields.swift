import KubeAPI
import KubeSchema

/// Who owns which field (metadata.managedFields), kept by every write.
enum ManagedFields {
    static func update(
        _ object: inout JSONValue, old: JSONValue?, _ served: ServedResource, _ context: RequestContext
    ) throws {
        // Filled when server-side apply lands.
        if let old { object.setMeta("managedFields", old[path: "metadata", "managedFields"]) }
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
