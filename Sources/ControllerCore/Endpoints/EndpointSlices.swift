import KubeAPI

/// The EndpointSlices of a Service with a selector.
public enum EndpointSlices {
    public static let manager = "endpointslice-controller.k8s.io"
    static let managedBy = "endpointslice.kubernetes.io/managed-by"
    static let serviceName = "kubernetes.io/service-name"
    static let headless = "service.kubernetes.io/headless"

    public static func isOurs(_ slice: APIObject) -> Bool { slice.label(managedBy) == manager }

    /// - Parameters:
    ///   - pods: at least those that the selector matches.
    ///   - slices: those of the Service, whoever manages them.
    ///   - isKnownNode: by its name; pods of nodes that are gone are left out, unless the Service publishes all.
    ///   - zone: of a node by its name.
    public static func decide(
        _ service: APIObject, pods: [APIObject], slices: [APIObject], limit: Int = 100,
        isKnownNode: (String) -> Bool = { _ in true }, zone: (String) -> String?
    ) -> Decision {
        guard let selector = ServiceBackends.selector(service), !service.isBeingDeleted else { return Decision() }
        let created = Timestamp.nanoseconds(service.metadata?["creationTimestamp"]) ?? 0
        var wanted = SliceReconciliation(
            owner: service, .service, labels: labels(service, manager: manager), limit: limit, created: created)
        let families = service.spec?["ipFamilies"]?.array?.compactMap(\.string) ?? []
        let publishesAll = service.spec?["publishNotReadyAddresses"]?.bool ?? false
        let backends = pods.filter { pod in
            ServiceBackends.takesPart(pod) && selector.matches(labels: pod.labels)
                && (publishesAll || pod.nodeName.isEmpty || isKnownNode(pod.nodeName))
        }.sorted { $0.name < $1.name }
        for family in families.isEmpty ? ["IPv4"] : families {
            var hasEndpoints = false
            for pod in backends {
                guard
                    let address = pod.podIPs.first(where: { ServiceBackends.isIPv6($0) == (family == "IPv6") })
                else { continue }
                hasEndpoints = true
                let group = SliceReconciliation.Group(addressType: family, ports: ports(service, pod))
                let change = lastChange(of: pod).map { max($0, created) }
                wanted.add(endpoint(pod, address, service, zone), to: group, since: change)
            }
            if !hasEndpoints { wanted.add(nil, to: .init(addressType: family, ports: [])) }
        }
        return Decision(wanted.writes(existing: slices.filter { isOurs($0) && !$0.isBeingDeleted }).map { Action($0) })
    }

    private static func endpoint(
        _ pod: APIObject, _ address: String, _ service: APIObject, _ zone: (String) -> String?
    ) -> JSONValue {
        let isServing = pod.isReadyPod
        let publishesAll = service.spec?["publishNotReadyAddresses"]?.bool ?? false
        let isReady = publishesAll || (isServing && !pod.isBeingDeleted)
        var endpoint: JSONValue = [
            "addresses": [.string(address)],
            "conditions": [
                "ready": .bool(isReady), "serving": .bool(isServing), "terminating": .bool(pod.isBeingDeleted),
            ], "targetRef": ServiceBackends.reference(to: pod),
        ]
        if let hostname = ServiceBackends.hostname(pod, in: service) { endpoint[path: "hostname"] = hostname }
        if !pod.nodeName.isEmpty { endpoint[path: "nodeName"] = .string(pod.nodeName) }
        let place = pod.nodeName.isEmpty ? nil : zone(pod.nodeName)
        if let place { endpoint[path: "zone"] = .string(place) }
        if isReady { endpoint[path: "hints"] = hints(service, zone: place, node: pod.nodeName) }
        return endpoint
    }

    /// When its deletion was asked for, or it became ready or unready.
    private static func lastChange(of pod: APIObject) -> Int64? {
        if let end = Timestamp.nanoseconds(pod.metadata?["deletionTimestamp"]) {
            return Timestamp.adding(
                seconds: -(pod.metadata?["deletionGracePeriodSeconds"]?.integer ?? 0), to: end)
        }
        return Timestamp.nanoseconds(Conditions.find("Ready", in: pod.status)?["lastTransitionTime"])
    }

    /// Which clients an endpoint is for, by `spec.trafficDistribution` (KEP-4444, KEP-3015).
    private static func hints(_ service: APIObject, zone: String?, node: String) -> JSONValue? {
        let zones: JSONValue? = zone.map { [["name": .string($0)]] }
        switch service.spec?["trafficDistribution"]?.string {
        case "PreferClose", "PreferSameZone": return zones.map { ["forZones": $0] }
        case "PreferSameNode":
            guard !node.isEmpty else { return nil }
            var hints: JSONValue = ["forNodes": [["name": .string(node)]]]
            if let zones { hints[path: "forZones"] = zones }
            return hints
        default: return nil
        }
    }

    private static func ports(_ service: APIObject, _ pod: APIObject) -> [JSONValue] {
        (service.spec?["ports"]?.array ?? []).compactMap { port in
            guard let number = ServiceBackends.targetPort(port, of: pod) else { return nil }
            var target = port
            target[path: "port"] = .integer(number)
            return SliceReconciliation.Group.normal(target)
        }
    }

    /// The Service's own, and those by which slices are found.
    static func labels(_ owner: APIObject, manager: String) -> JSONValue {
        var labels = owner.labels ?? .emptyObject
        labels[path: headless] = ServiceBackends.isHeadless(owner) ? "" : nil
        labels[path: serviceName] = .string(owner.name)
        labels[path: managedBy] = .string(manager)
        return labels
    }
}
