/// A resource of the API and where it is served.
public struct GroupVersionResource: Sendable, Hashable {
    /// Empty for the core group.
    public let group: String
    public let version: String
    /// Lower-case plural, as in paths.
    public let resource: String
    public let isNamespaced: Bool

    public init(group: String = "", version: String = "v1", resource: String, isNamespaced: Bool = true) {
        self.group = group
        self.version = version
        self.resource = resource
        self.isNamespaced = isNamespaced
    }

    /// `v1` or `discovery.k8s.io/v1`.
    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// The collection in all namespaces, or in one: `/api/v1/namespaces/default/services`.
    public func path(namespace: String? = nil) -> String {
        let root = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
        guard isNamespaced, let namespace, !namespace.isEmpty else { return "\(root)/\(resource)" }
        return "\(root)/namespaces/\(namespace)/\(resource)"
    }

    /// One object.
    public func path(_ object: NamespacedName) -> String { "\(path(namespace: object.namespace))/\(object.name)" }

    public static let services = GroupVersionResource(resource: "services")
    public static let endpoints = GroupVersionResource(resource: "endpoints")
    public static let nodes = GroupVersionResource(resource: "nodes", isNamespaced: false)
    public static let endpointSlices = GroupVersionResource(group: "discovery.k8s.io", resource: "endpointslices")
    public static let serviceCIDRs = GroupVersionResource(
        group: "networking.k8s.io", resource: "servicecidrs", isNamespaced: false)
    public static let events = GroupVersionResource(group: "events.k8s.io", resource: "events")
}
