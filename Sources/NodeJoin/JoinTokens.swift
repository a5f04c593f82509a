import KubeAPI
import KubeClient
import PKI

/// Tokens with which nodes join a cluster, seen by its administrator.
public struct JoinTokens: Sendable {
    public struct Listed: Sendable, Hashable {
        public let id: String
        /// As it is in the Secret; empty for one that does not end.
        public let expiration: String
        public let description: String
    }

    private static let secrets = GroupVersionResource(resource: "secrets")
    private static let configMaps = GroupVersionResource(resource: "configmaps")
    private static let namePrefix = "bootstrap-token-"

    private let client: KubeClient

    public init(_ client: KubeClient) { self.client = client }

    /// Puts the token there, and what joining needs beside it. Twice is once.
    /// - Parameters:
    ///   - server: `https://10.0.0.1:6443`, as nodes reach it.
    ///   - authority: of the cluster, PEM.
    ///   - expiration: nanoseconds since 1970.
    public func create(_ token: JoinToken, server: String, authority: String, expiration: Int64) async throws {
        for (resource, object) in JoinObjects.access { try await apply(resource, object) }
        let kubeconfig = KubeconfigText(server: server, authorityPEM: authority).text
        try await apply(Self.configMaps, JoinObjects.clusterInfo(kubeconfig: kubeconfig))
        try await client.create(
            Self.secrets, JoinObjects.secret(token, expiration: expiration), namespace: "kube-system")
    }

    public func list() async throws -> [Listed] {
        let answer = try await client.json(
            KubeRequest(
                .list, path: Self.secrets.path(namespace: "kube-system"),
                parameters: [.init("fieldSelector", "type=bootstrap.kubernetes.io/token")]))
        return (answer["items"]?.array ?? []).map { secret in
            func text(_ key: String) -> String {
                secret["data"]?[key]?.string.flatMap(Base64Text.decode) ?? ""
            }
            return Listed(id: text("token-id"), expiration: text("expiration"), description: text("description"))
        }
    }

    public func delete(_ id: String) async throws {
        try await client.delete(Self.secrets, NamespacedName(namespace: "kube-system", name: Self.namePrefix + id))
    }

    private func apply(_ resource: GroupVersionResource, _ json: JSONValue) async throws {
        try await client.patch(
            resource, try APIObject(json: json).key, .apply, json,
            parameters: [.init("fieldManager", "apus-token"), .init("force", "true")])
    }
}
