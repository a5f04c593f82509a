import KubeAPI

/// What every cluster has from its start: the Service by which pods find the DNS server, and what that may read.
enum BaseObjects {
    static var all: [JSONValue] { [dnsService, dnsEndpoints, dnsRole, dnsBinding] }
    static let dnsGroup = "apus:dns"

    private static var dnsService: JSONValue {
        [
            "apiVersion": "v1", "kind": "Service",
            "metadata": ["name": "kube-dns", "namespace": "kube-system", "labels": ["k8s-app": "kube-dns"]],
            "spec": [
                "clusterIP": .string(ClusterLayout.dnsAddress),
                "ports": [
                    ["name": "dns", "port": 53, "protocol": "UDP"], ["name": "dns-tcp", "port": 53, "protocol": "TCP"],
                ],
            ],
        ]
    }

    private static var dnsRole: JSONValue {
        [
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": ["name": "apus:dns"],
            "rules": [["apiGroups": [""], "resources": ["namespaces"], "verbs": ["list", "watch"]]],
        ]
    }

    private static var dnsBinding: JSONValue {
        [
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
            "metadata": ["name": "apus:dns"],
            "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "apus:dns"],
            "subjects": [
                ["apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": .string(dnsGroup)]
            ],
        ]
    }

    /// The server is a process of the control plane and no pod, so no controller makes this.
    private static var dnsEndpoints: JSONValue {
        [
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": [
                "name": "kube-dns-apus", "namespace": "kube-system",
                "labels": [
                    "kubernetes.io/service-name": "kube-dns", "endpointslice.kubernetes.io/managed-by": "apus-up",
                ],
            ],
            "endpoints": [
                ["addresses": [.string("\(ClusterLayout.controlAddress)")], "conditions": ["ready": true]]
            ],
            "ports": [
                ["name": "dns", "port": 53, "protocol": "UDP"], ["name": "dns-tcp", "port": 53, "protocol": "TCP"],
            ],
        ]
    }
}
