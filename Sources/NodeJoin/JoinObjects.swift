import KubeAPI
import PKI

/// What an API server holds so that nodes can join: the token, who may ask for certificates with it, and the public
/// description of the cluster. kubeadm makes the same.
public enum JoinObjects {
    static let group = "system:bootstrappers:kubeadm:default-node-token"
    static let clusterInfo = NamespacedName(namespace: "kube-public", name: "cluster-info")
    private static let rbac = "rbac.authorization.k8s.io"

    /// - Parameter expiration: nanoseconds since 1970.
    static func secret(_ token: JoinToken, expiration: Int64) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Secret", "type": "bootstrap.kubernetes.io/token",
            "metadata": ["name": .string("bootstrap-token-\(token.id)"), "namespace": "kube-system"],
            "stringData": [
                "token-id": .string(token.id), "token-secret": .string(token.secret),
                "expiration": .string(RFC3339.text(nanoseconds: expiration, .seconds)),
                "usage-bootstrap-authentication": "true", "usage-bootstrap-signing": "true",
                "auth-extra-groups": .string(group), "description": "made by apus token create",
            ],
        ]
    }

    /// - Parameter kubeconfig: with the server and its authority, without a user.
    static func clusterInfo(kubeconfig: String) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": ["name": .string(clusterInfo.name), "namespace": .string(clusterInfo.namespace)],
            "data": ["kubeconfig": .string(kubeconfig)],
        ]
    }

    /// Who may ask, whose requests are approved at once, and that everybody may read cluster-info.
    static var access: [(GroupVersionResource, JSONValue)] {
        let names = "system:certificates.k8s.io:certificatesigningrequests:"
        let roles = GroupVersionResource(group: rbac, resource: "roles")
        let roleBindings = GroupVersionResource(group: rbac, resource: "rolebindings")
        let bindings = GroupVersionResource(group: rbac, resource: "clusterrolebindings", isNamespaced: false)
        let reader = "kubeadm:bootstrap-signer-clusterinfo"
        return [
            (bindings, binding("kubeadm:kubelet-bootstrap", role: "system:node-bootstrapper", group: group)),
            (bindings, binding("kubeadm:node-autoapprove-bootstrap", role: names + "nodeclient", group: group)),
            (
                bindings,
                binding(
                    "kubeadm:node-autoapprove-certificate-rotation", role: names + "selfnodeclient",
                    group: "system:nodes")
            ),
            // A node's proxy, and the agent's routes to other nodes, work with the node's own certificate.
            (bindings, binding("apus:node-proxier", role: "system:node-proxier", group: "system:nodes")),
            (
                roles,
                [
                    "apiVersion": .string("\(rbac)/v1"), "kind": "Role",
                    "metadata": ["name": .string(reader), "namespace": .string(clusterInfo.namespace)],
                    "rules": [
                        [
                            "apiGroups": [""], "resources": ["configmaps"],
                            "resourceNames": [.string(clusterInfo.name)], "verbs": ["get"],
                        ]
                    ],
                ]
            ),
            (
                roleBindings,
                [
                    "apiVersion": .string("\(rbac)/v1"), "kind": "RoleBinding",
                    "metadata": ["name": .string(reader), "namespace": .string(clusterInfo.namespace)],
                    "roleRef": ["apiGroup": .string(rbac), "kind": "Role", "name": .string(reader)],
                    "subjects": [["apiGroup": .string(rbac), "kind": "User", "name": "system:anonymous"]],
                ]
            ),
        ]
    }

    private static func binding(_ name: String, role: String, group: String) -> JSONValue {
        [
            "apiVersion": .string("\(rbac)/v1"), "kind": "ClusterRoleBinding", "metadata": ["name": .string(name)],
            "roleRef": ["apiGroup": .string(rbac), "kind": "ClusterRole", "name": .string(role)],
            "subjects": [["apiGroup": .string(rbac), "kind": "Group", "name": .string(group)]],
        ]
    }

    /// - Parameters:
    ///   - request: PEM.
    ///   - lifetime: seconds; nil leaves it to the signer.
    static func signingRequest(node: String, request: String, lifetime: Int64?) -> JSONValue {
        var spec: JSONValue = [
            "request": .string(Base64Text.encode(request)),
            "signerName": "kubernetes.io/kube-apiserver-client-kubelet",
            "usages": ["digital signature", "client auth"],
        ]
        if let lifetime { spec[path: "expirationSeconds"] = .integer(lifetime) }
        return [
            "apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest",
            "metadata": ["generateName": .string("node-csr-\(node)-")], "spec": spec,
        ]
    }
}
