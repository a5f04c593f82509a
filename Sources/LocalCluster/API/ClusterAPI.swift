import KubeAPI
import KubeClient

/// A cluster as its API server tells it.
public struct ClusterAPI: Sendable {
    private static let kinds: [String: GroupVersionResource] = [
        "Service": .services, "EndpointSlice": .endpointSlices, "Pod": pods,
        "ClusterRole": GroupVersionResource(group: "rbac.authorization.k8s.io", resource: "clusterroles"),
        "ClusterRoleBinding": GroupVersionResource(group: "rbac.authorization.k8s.io", resource: "clusterrolebindings"),
        "Deployment": GroupVersionResource(group: "apps", resource: "deployments"),
    ]
    private static let pods = GroupVersionResource(resource: "pods")

    private let client: KubeClient

    public init(_ client: KubeClient) { self.client = client }

    public func isReady() async -> Bool {
        (try? await client.body(of: KubeRequest(.get, path: "/readyz"))) != nil
    }

    /// What every cluster has.
    public func applyBase() async throws { try await apply(BaseObjects.all) }

    public func applySample() async throws { try await apply(SampleObjects.all) }

    private func apply(_ objects: [JSONValue]) async throws {
        for json in objects {
            let object = try APIObject(json: json)
            guard let resource = Self.kinds[json["kind"]?.string ?? ""] else {
                throw ClusterFailure("\(json["kind"]?.string ?? "an object") is of no known kind")
            }
            try await client.patch(
                resource, object.key, .apply, json,
                parameters: [.init("fieldManager", "apus-up"), .init("force", "true")])
        }
    }

    // MARK: - What there is

    public func nodes() async throws -> [NodeView] { try await list(.nodes).map(NodeView.init) }

    public func pods() async throws -> [PodView] { try await list(Self.pods).map(PodView.init) }

    public func services() async throws -> [ServiceView] { try await list(.services).map(ServiceView.init) }

    private func list(_ resource: GroupVersionResource) async throws -> [JSONValue] {
        let answer = try await client.json(KubeRequest(.list, path: resource.path()))
        return answer["items"]?.array ?? []
    }
}
