import KubeAPI

extension Defaults {
    static let core: [String: Function] = [
        "/v1/Pod": pod,
        "/v1/PodTemplate": { $0.edit("template", podTemplate) },
        "/v1/ReplicationController": replicationController,
        "/v1/Service": service,
        "/v1/Namespace": namespace,
        "/v1/Node": node,
        "/v1/Secret": secret,
        "/v1/Endpoints": { $0.editEach("subsets") { $0.editEach("ports") { $0.setIfEmpty("protocol", "TCP") } } },
        "/v1/LimitRange": { $0.edit("spec") { $0.editEach("limits", limit) } },
        "discovery.k8s.io/v1/EndpointSlice": { slice in
            slice.editEach("ports") { port in
                port.setDefault("name", "")
                port.setDefault("protocol", "TCP")
            }
        },
    ]

    private static func pod(_ pod: inout JSONValue) {
        pod.edit("spec") { spec in
            let isOnHostNetwork = spec["hostNetwork"]?.bool == true
            for containers in ["containers", "initContainers"] {
                spec.editEach(containers) { container in
                    container.edit("resources", requestsFromLimits)
                    guard isOnHostNetwork else { return }
                    container.editEach("ports") { $0.setIfEmpty("hostPort", $0["containerPort"] ?? 0) }
                }
            }
            spec.setDefault("enableServiceLinks", true)
            podSpec(&spec)
            podRequests(&spec)
        }
    }

    private static func requestsFromLimits(_ resources: inout JSONValue) {
        guard let limits = resources["limits"], !limits.members.isEmpty else { return }
        resources.make("requests") { requests in
            for limit in limits.members { requests.setDefault(limit.key, limit.value) }
        }
    }

    /// Resources of the whole Pod: what its containers ask for together, or else its limit.
    private static func podRequests(_ spec: inout JSONValue) {
        guard let limits = spec[path: "resources", "limits"], !limits.members.isEmpty else { return }
        let containers = spec["containers"]?.array ?? []
        spec.edit("resources") { resources in
            resources.make("requests") { requests in
                for limit in limits.members where !requests.has(limit.key) {
                    let sum = containers.reduce(Quantity.zero) { sum, container in
                        let text = container[path: "resources", "requests", limit.key]?.string
                        return sum + (text.flatMap { try? Quantity(parsing: $0) } ?? .zero)
                    }
                    requests.put(limit.key, sum.isZero ? limit.value : .string(sum.text))
                }
            }
        }
    }

    private static func replicationController(_ controller: inout JSONValue) {
        let labels = controller[path: "spec", "template", "metadata", "labels"]
        controller.edit("spec") { spec in
            spec.setDefault("replicas", 1)
            if let labels { spec.setIfEmpty("selector", labels) }
            spec.edit("template", podTemplate)
        }
        if let labels { controller.edit("metadata") { $0.setIfEmpty("labels", labels) } }
    }

    private static func service(_ service: inout JSONValue) {
        service.edit("spec") { spec in
            spec.setIfEmpty("sessionAffinity", "None")
            if spec["sessionAffinity"] == "None" { spec.removeMember("sessionAffinityConfig") }
            if spec["sessionAffinity"] == "ClientIP" {
                spec.make("sessionAffinityConfig") { $0.make("clientIP") { $0.setDefault("timeoutSeconds", 10800) } }
            }
            spec.setIfEmpty("type", "ClusterIP")
            spec.editEach("ports") { port in
                port.setIfEmpty("protocol", "TCP")
                port.setIfEmpty("targetPort", port["port"] ?? 0)
            }
            trafficPolicies(&spec)
        }
        guard service[path: "spec", "type"] == "LoadBalancer" else { return }
        service.edit("status") { status in
            status.edit("loadBalancer") { balancer in
                balancer.editEach("ingress") { if !$0.isEmpty("ip") { $0.setDefault("ipMode", "VIP") } }
            }
        }
    }

    private static func trafficPolicies(_ spec: inout JSONValue) {
        let type = spec["type"]?.string ?? ""
        if ["ClusterIP", "NodePort", "LoadBalancer"].contains(type) {
            spec.setDefault("internalTrafficPolicy", "Cluster")
        }
        if type == "NodePort" || type == "LoadBalancer" || type == "ClusterIP" && !spec.isEmpty("externalIPs") {
            spec.setIfEmpty("externalTrafficPolicy", "Cluster")
        }
        if type == "LoadBalancer" { spec.setDefault("allocateLoadBalancerNodePorts", true) }
    }

    private static func namespace(_ namespace: inout JSONValue) {
        if let name = namespace[path: "metadata", "name"]?.string, !name.isEmpty {
            namespace.edit("metadata") { metadata in
                metadata.make("labels") { $0.put("kubernetes.io/metadata.name", .string(name)) }
            }
        }
        namespace.make("status") { $0.setIfEmpty("phase", "Active") }
    }

    private static func node(_ node: inout JSONValue) {
        node.edit("status") { status in
            if let capacity = status["capacity"] { status.setIfEmpty("allocatable", capacity) }
            status.edit("capacity", roundToMilli)
            status.edit("allocatable", roundToMilli)
        }
    }

    private static func secret(_ secret: inout JSONValue) {
        secret.setIfEmpty("type", "Opaque")
        guard let texts = secret["stringData"], !texts.isNull else { return }
        if !texts.members.isEmpty {
            secret.make("data") { data in
                for text in texts.members {
                    data.put(text.key, .string(Base64.encode(Array((text.value.string ?? "").utf8))))
                }
            }
        }
        secret.removeMember("stringData")
    }

    private static func limit(_ limit: inout JSONValue) {
        guard limit["type"] == "Container" else { return }
        for (target, sources) in [("default", ["max"]), ("defaultRequest", ["default", "min"])] {
            for source in sources {
                for entry in limit[source]?.members ?? [] {
                    limit.make(target) { $0.setDefault(entry.key, entry.value) }
                }
            }
        }
    }
}
