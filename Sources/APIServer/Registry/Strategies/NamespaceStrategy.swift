import KubeAPI

/// Namespaces: the finalizer of the namespace controller, and deletion in two steps.
public struct NamespaceStrategy: ObjectStrategy {
    public init() {}

    public func prepareForCreate(_ object: inout JSONValue, _ context: RequestContext) async throws {
        object[path: "status"] = ["phase": "Active"]
        var finalizers = object[path: "spec", "finalizers"]?.array ?? []
        if !finalizers.contains("kubernetes") { finalizers.append("kubernetes") }
        object[path: "spec", "finalizers"] = .array(finalizers)
        Self.label(&object)
    }

    public func prepareForUpdate(
        _ object: inout JSONValue, old: JSONValue, subresource: String, _ context: RequestContext
    ) async throws {
        switch subresource {
        case "finalize": object[path: "status"] = old["status"]
        case "status": object[path: "spec"] = old["spec"]
        default:
            object[path: "spec", "finalizers"] = old[path: "spec", "finalizers"]
            object[path: "status"] = old["status"]
        }
        Self.label(&object)
    }

    /// The namespace controller empties it, and then takes its finalizer away.
    public func isHeld(_ object: JSONValue) -> Bool {
        !(object[path: "spec", "finalizers"]?.array?.isEmpty ?? true)
    }

    public func markDeleted(_ object: inout JSONValue) { object[path: "status", "phase"] = "Terminating" }

    /// Every namespace bears its name as a label, for selectors (KEP-2161).
    private static func label(_ object: inout JSONValue) {
        object[path: "metadata", "labels", "kubernetes.io/metadata.name"] = object[path: "metadata", "name"]
    }
}
