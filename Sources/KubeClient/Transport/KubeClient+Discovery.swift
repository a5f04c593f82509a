import KubeAPI

/// A resource that the server says it serves.
public struct DiscoveredResource: Sendable, Hashable {
    public let resource: GroupVersionResource
    public let kind: String
    public let verbs: [String]
    /// Such as `scale`.
    public let subresources: [String]

    /// `resource.group`, as messages name it.
    public var name: String {
        resource.group.isEmpty ? "\(resource.resource)." : "\(resource.resource).\(resource.group)"
    }
}

extension KubeClient {
    /// Every resource in the version that the server prefers, from its aggregated discovery (KEP-3352).
    public func discover() async throws(ClientError) -> [DiscoveredResource] {
        var found: [DiscoveredResource] = []
        for path in ["/api", "/apis"] {
            var request = KubeRequest(.get, path: path)
            request.accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
            let answer = try await json(request)
            guard answer["kind"]?.string == "APIGroupDiscoveryList" else {
                throw .malformed("\(path): the server has no aggregated discovery (Kubernetes 1.30 and newer do)")
            }
            for group in answer["items"]?.array ?? [] { found += Self.resources(of: group) }
        }
        return found
    }

    /// Each resource once, in the first version that has it.
    private static func resources(of group: JSONValue) -> [DiscoveredResource] {
        let name = group["metadata"]?["name"]?.string ?? ""
        var seen: Set<String> = []
        var found: [DiscoveredResource] = []
        for version in group["versions"]?.array ?? [] where version["freshness"]?.string != "Stale" {
            for item in version["resources"]?.array ?? [] {
                guard let resource = item["resource"]?.string, seen.insert(resource).inserted else { continue }
                let gvr = GroupVersionResource(
                    group: name, version: version["version"]?.string ?? "v1", resource: resource,
                    isNamespaced: item["scope"]?.string == "Namespaced")
                found.append(
                    DiscoveredResource(
                        resource: gvr, kind: item["responseKind"]?["kind"]?.string ?? "",
                        verbs: item["verbs"]?.array?.compactMap(\.string) ?? [],
                        subresources: item["subresources"]?.array?.compactMap { $0["subresource"]?.string } ?? []))
            }
        }
        return found
    }
}
