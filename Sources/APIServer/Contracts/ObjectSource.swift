import KubeAPI

/// Single objects, as authentication needs them: whatever the client may see.
public protocol ObjectSource: Sendable {
    /// nil when there is none. `prefix`: as upstream's paths, such as `/registry/secrets`.
    func object(_ prefix: String, namespace: String, name: String) async throws -> JSONValue?
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
