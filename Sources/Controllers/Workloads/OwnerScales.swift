import KubeAPI
import KubeClient

/// What owners of any kind want, by their scale subresource.
actor OwnerScales {
    private let client: KubeClient
    private var served: [DiscoveredResource] = []
    private var discovered: ContinuousClock.Instant?

    init(_ client: KubeClient) { self.client = client }

    /// nil of an owner that is gone or whose kind has no scale.
    func replicas(of owner: OwnerReference, in namespace: String) async throws(ClientError) -> Int64? {
        guard let resource = try await resource(of: owner) else { return nil }
        let key = NamespacedName(namespace: namespace, name: owner.name)
        do {
            let scale = try await client.json(KubeRequest(.get, path: resource.path(key) + "/scale"))
            return scale["metadata"]?["uid"]?.string == owner.uid ? scale["spec"]?["replicas"]?.integer ?? 0 : nil
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    private func resource(of owner: OwnerReference) async throws(ClientError) -> GroupVersionResource? {
        if let known = find(owner) { return known }
        // New kinds come seldom.
        if let discovered, .now - discovered < .seconds(30) { return nil }
        served = try await client.discover()
        discovered = .now
        return find(owner)
    }

    private func find(_ owner: OwnerReference) -> GroupVersionResource? {
        let parts = owner.apiVersion.split(separator: "/")
        let group = parts.count == 2 ? parts[0] : ""
        return served.first {
            $0.kind == owner.kind && $0.resource.group == group && $0.resource.isNamespaced
                && $0.subresources.contains("scale")
        }?.resource
    }
}
