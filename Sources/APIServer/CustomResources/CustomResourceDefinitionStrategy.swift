import KubeAPI
import KubeSchema

/// CustomResourceDefinitions: the versions that have been stored, and what the server does not do with their schemas.
public struct CustomResourceDefinitionStrategy: ObjectStrategy {
    /// Held until every object of the kind is gone.
    static let cleanup: JSONValue = "customresourcecleanup.apiextensions.k8s.io"

    public init() {}

    public func prepareForCreate(_ object: inout JSONValue, _ context: RequestContext) async throws {
        let stored = (object[path: "spec", "versions"]?.array ?? []).first { $0["storage"]?.bool == true }?["name"]
        object[path: "status"] = [
            "conditions": [], "acceptedNames": ["plural": "", "kind": ""],
            "storedVersions": .array(stored.map { [$0] } ?? []),
        ]
        let finalizers = object[path: "metadata", "finalizers"]?.array ?? []
        if !finalizers.contains(Self.cleanup) {
            object[path: "metadata", "finalizers"] = .array(finalizers + [Self.cleanup])
        }
        warn(object, context)
    }

    public func prepareForUpdate(
        _ object: inout JSONValue, old: JSONValue, subresource: String, _ context: RequestContext
    ) async throws {
        guard subresource.isEmpty else { return }
        let stored = (object[path: "spec", "versions"]?.array ?? []).first { $0["storage"]?.bool == true }?["name"]
        var all = object[path: "status", "storedVersions"]?.array ?? []
        if let stored, !all.contains(stored) { all.append(stored) }
        object[path: "status", "storedVersions"] = .array(all)
        if object["spec"] != old["spec"] { warn(object, context) }
    }

    private func warn(_ object: JSONValue, _ context: RequestContext) {
        let hasRules = (object[path: "spec", "versions"]?.array ?? []).contains {
            StructuralCheck($0[path: "schema", "openAPIV3Schema"] ?? .null, path: "").hasValidationRules
        }
        if hasRules { context.warn("x-kubernetes-validations are stored and not evaluated by this server") }
    }
}
