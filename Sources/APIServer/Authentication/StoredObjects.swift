import KubeAPI
import StoreCore

/// Single objects, as authentication needs them: whatever the client may see.
public protocol ObjectSource: Sendable {
    /// nil when there is none. `prefix`: as upstream's paths, such as `/registry/secrets`.
    func object(_ prefix: String, namespace: String, name: String) async throws -> JSONValue?
}

/// Reads them from the store at its latest revision.
public struct StoredObjects: ObjectSource {
    private let store: any Store

    public init(_ store: any Store) { self.store = store }

    public func object(_ prefix: String, namespace: String, name: String) async throws -> JSONValue? {
        guard !name.isEmpty, !name.contains("/"), !namespace.contains("/") else { return nil }
        let path = namespace.isEmpty ? "\(prefix)/\(name)" : "\(prefix)/\(namespace)/\(name)"
        let found = try await store.range(RangeQuery(KeyRange(key: Array(path.utf8))))
        guard let bytes = found.result.keyValues.first?.value else { return nil }
        return try JSONParser.parse(bytes, leavingOut: JSONParser.managedFields)
    }
}

extension ObjectSource {
    func secret(_ namespace: String, _ name: String) async throws -> JSONValue? {
        try await object("/registry/secrets", namespace: namespace, name: name)
    }

    func serviceAccount(_ namespace: String, _ name: String) async throws -> JSONValue? {
        try await object("/registry/serviceaccounts", namespace: namespace, name: name)
    }

    func pod(_ namespace: String, _ name: String) async throws -> JSONValue? {
        try await object("/registry/pods", namespace: namespace, name: name)
    }

    func node(_ name: String) async throws -> JSONValue? {
        try await object("/registry/minions", namespace: "", name: name)
    }
}
