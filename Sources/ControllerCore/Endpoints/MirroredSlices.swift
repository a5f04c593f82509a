import KubeAPI

/// EndpointSlices for Endpoints that somebody wrote by hand, for a Service without selector (KEP-752).
public enum MirroredSlices {
    public static let manager = "endpointslicemirroring-controller.k8s.io"
    static let limit = 1000
    /// On Endpoints that are a lock and serve nobody.
    static let leader = "control-plane.alpha.kubernetes.io/leader"

    public static func isOurs(_ slice: APIObject) -> Bool { slice.label(EndpointSlices.managedBy) == manager }

    public static func decide(_ endpoints: APIObject?, service: APIObject?, slices: [APIObject]) -> Decision {
        let existing = slices.filter { isOurs($0) && !$0.isBeingDeleted }
        guard let endpoints, let service, isMirrored(endpoints, service) else {
            return Decision(existing.map { Action(.delete(.endpointSlice, $0)) })
        }
        var labels = endpoints.labels ?? .emptyObject
        labels[path: EndpointSlices.serviceName] = .string(service.name)
        labels[path: EndpointSlices.managedBy] = .string(manager)
        var annotations = endpoints.metadata?["annotations"] ?? .emptyObject
        annotations[path: "kubectl.kubernetes.io/last-applied-configuration"] = nil
        var wanted = SliceReconciliation(
            owner: endpoints, .endpoints, labels: labels, annotations: annotations, limit: limit)
        for subset in endpoints["subsets"]?.array ?? [] { add(subset, to: &wanted) }
        return Decision(wanted.writes(existing: existing).map { Action($0) })
    }

    private static func isMirrored(_ endpoints: APIObject, _ service: APIObject) -> Bool {
        ServiceBackends.selector(service) == nil && service.spec?["type"]?.string != "ExternalName"
            && endpoints.label("endpointslice.kubernetes.io/skip-mirror") != "true"
            && endpoints.annotation(leader) == nil && !endpoints.isBeingDeleted
    }

    private static func add(_ subset: JSONValue, to wanted: inout SliceReconciliation) {
        let ports = (subset["ports"]?.array ?? []).map(SliceReconciliation.Group.normal)
        for (field, isReady) in [("addresses", true), ("notReadyAddresses", false)] {
            for address in subset[field]?.array ?? [] {
                guard let ip = address["ip"]?.string else { continue }
                var endpoint: JSONValue = [
                    "addresses": [.string(ip)], "conditions": ["ready": .bool(isReady)],
                ]
                for member in ["hostname", "nodeName", "targetRef"] {
                    if let value = address[member] { endpoint[path: member] = value }
                }
                let family = ServiceBackends.isIPv6(ip) ? "IPv6" : "IPv4"
                wanted.add(endpoint, to: .init(addressType: family, ports: ports))
            }
        }
    }
}
