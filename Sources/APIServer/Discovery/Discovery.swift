import KubeAPI
import KubeSchema
import Synchronization

/// /api, /apis and below: which groups, versions and resources there are.
struct Discovery: Sendable {
    private let resources: ServedResources

    init(_ resources: ServedResources) { self.resources = resources }

    /// nil for another path.
    func respond(_ http: HTTPRequest) throws -> HTTPResponse? {
        let parts = http.path.split(separator: "/").map(String.init)
        guard let first = parts.first, first == "api" || first == "apis" else { return nil }
        guard http.method == "GET" || http.method == "HEAD" else { throw Status.methodNotAllowed }
        let groups = DiscoveryGroups(resources.snapshot)
        if parts.count == 1, let version = Self.aggregatedVersion(http) {
            let isCore = first == "api"
            return Self.aggregated(groups.aggregated(isCore: isCore, version: version), version, http)
        }
        guard let page = page(parts, groups, http) else { throw Status.noSuchPath }
        let form = try OutputForm.negotiate(accept: http.headers["accept"], allowsShapes: false)
        return HTTPResponse(form.contentType, try WireEncoder.bytes(page, form))
    }

    private func page(_ parts: [String], _ groups: DiscoveryGroups, _ http: HTTPRequest) -> JSONValue? {
        switch (parts[0], parts.count) {
        case ("api", 1):
            return [
                "kind": "APIVersions", "versions": .array(groups.versions(of: "").map { .string($0) }),
                "serverAddressByClientCIDRs": [
                    [
                        "clientCIDR": "0.0.0.0/0",
                        "serverAddress": .string(http.headers.first(name: "host") ?? ""),
                    ]
                ],
            ]
        case ("apis", 1):
            return [
                "kind": "APIGroupList", "apiVersion": "v1",
                "groups": .array(groups.names.filter { !$0.isEmpty }.map { groups.group($0) }),
            ]
        case ("apis", 2) where groups.names.contains(parts[1]):
            guard var group = groups.group(parts[1]).object else { return nil }
            group.members.insert(contentsOf: [.init("kind", "APIGroup"), .init("apiVersion", "v1")], at: 0)
            return .object(group)
        case ("api", 2): return groups.resourceList(group: "", version: parts[1])
        case ("apis", 3): return groups.resourceList(group: parts[1], version: parts[2])
        default: return nil
        }
    }

    // MARK: Aggregated (KEP-3352)

    /// Of the first range of the `Accept` header that asks for it.
    private static func aggregatedVersion(_ http: HTTPRequest) -> String? {
        for type in MediaType.accepted(http.headers["accept"]) {
            guard type.name == "application/json" || type.name == "*/*" else { continue }
            if type.parameters["as"] == nil { return nil }
            if type.parameters["as"] == "APIGroupDiscoveryList", type.parameters["g"] == "apidiscovery.k8s.io",
                let version = type.parameters["v"], version == "v2" || version == "v2beta1"
            {
                return version
            }
        }
        return nil
    }

    private static func aggregated(_ list: JSONValue, _ version: String, _ http: HTTPRequest) -> HTTPResponse {
        let bytes = JSONWriter.bytes(list)
        let tag = "\"\(Fingerprint.text(bytes))\""
        let type = "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList"
        var response =
            http.headers.first(name: "if-none-match") == tag
            ? HTTPResponse(status: 304) : HTTPResponse(type, bytes)
        response.headers.add(name: "ETag", value: tag)
        response.headers.add(name: "Vary", value: "Accept")
        response.headers.replaceOrAdd(name: "Cache-Control", value: "public")
        return response
    }
}
