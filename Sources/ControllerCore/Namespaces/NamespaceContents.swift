import KubeAPI

/// What every namespace has: the ServiceAccount `default` and the cluster's authority.
public enum NamespaceContents {
    static func isActive(_ namespace: APIObject) -> Bool {
        !namespace.isBeingDeleted && namespace.status?["phase"]?.string != "Terminating"
    }

    public static func serviceAccount(_ namespace: APIObject, exists: Bool) -> Decision {
        guard isActive(namespace), !exists else { return Decision() }
        let account: JSONValue = [
            "apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": ["name": "default", "namespace": .string(namespace.name)],
        ]
        return Decision([Action(.create(.serviceAccount, namespace: namespace.name, account))])
    }
}
