import KubeAPI

/// The cluster's authority.
extension NamespaceContents {
    public static let authorityName = "kube-root-ca.crt"

    /// - Parameter authority: certificates in PEM.
    public static func rootAuthority(_ namespace: APIObject, authority: String, current: APIObject?) -> Decision {
        guard isActive(namespace) else { return Decision() }
        let description = """
            Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as \
            the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of \
            Kubernetes clusters.
            """
        guard let current else {
            let map: JSONValue = [
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": [
                    "name": .string(authorityName), "namespace": .string(namespace.name),
                    "annotations": ["kubernetes.io/description": .string(description)],
                ], "data": ["ca.crt": .string(authority)],
            ]
            return Decision([Action(.create(.configMap, namespace: namespace.name, map))])
        }
        var changed = current
        changed["data"] = ["ca.crt": .string(authority)]
        changed[path: "metadata", "annotations", "kubernetes.io/description"] = .string(description)
        guard changed.json != current.json else { return Decision() }
        return Decision([Action(.update(.configMap, changed))])
    }
}
