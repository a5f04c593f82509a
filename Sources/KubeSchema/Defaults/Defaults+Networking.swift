import KubeAPI

extension Defaults {
    static let networking: [String: Function] = [
        "networking.k8s.io/v1/NetworkPolicy": { $0.edit("spec", networkPolicy) },
        "networking.k8s.io/v1/IngressClass": { object in
            object.edit("spec") { $0.edit("parameters") { $0.setDefault("scope", "Cluster") } }
        },
    ]

    private static func networkPolicy(_ spec: inout JSONValue) {
        for direction in ["ingress", "egress"] {
            spec.editEach(direction) { $0.editEach("ports") { $0.setDefault("protocol", "TCP") } }
        }
        spec.setIfEmpty("policyTypes", spec.isEmpty("egress") ? ["Ingress"] : ["Ingress", "Egress"])
    }
}
