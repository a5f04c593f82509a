import KubeAPI

/// The core/v1 Endpoints of a Service with a selector, for old clients.
public enum EndpointsObjects {
    /// More addresses are left out, and annotation over-capacity says so.
    static let limit = 1000
    static let managedBy = "endpoints.kubernetes.io/managed-by"

    public static func decide(_ service: APIObject, pods: [APIObject], current: APIObject?) -> Decision {
        guard let selector = ServiceBackends.selector(service), !service.isBeingDeleted else { return Decision() }
        let isIPv6 = service.spec?["ipFamilies"]?.array?.first?.string == "IPv6"
        let publishesAll = service.spec?["publishNotReadyAddresses"]?.bool ?? false
        var subsets = Subsets()
        let backends = pods.filter { pod in
            ServiceBackends.takesPart(pod) && selector.matches(labels: pod.labels)
                && (publishesAll || !pod.isBeingDeleted)
        }.sorted { $0.name < $1.name }
        // Those that are ready have their places first.
        let isReady: (APIObject) -> Bool = { publishesAll || $0.isReadyPod }
        for pod in backends.filter(isReady) + backends.filter({ !isReady($0) }) {
            guard let address = pod.podIPs.first(where: { ServiceBackends.isIPv6($0) == isIPv6 }) else { continue }
            subsets.add(pod, address, service)
        }
        var endpoints: JSONValue = current?.json ?? ["apiVersion": "v1", "kind": "Endpoints"]
        endpoints[path: "metadata", "name"] = .string(service.name)
        endpoints[path: "metadata", "namespace"] = .string(service.namespace)
        var labels = service.labels ?? .emptyObject
        labels[path: EndpointSlices.headless] = ServiceBackends.isHeadless(service) ? "" : nil
        labels[path: managedBy] = "endpoint-controller"
        endpoints[path: "metadata", "labels"] = labels
        endpoints[path: "metadata", "annotations", "endpoints.kubernetes.io/over-capacity"] =
            subsets.isTruncated ? "truncated" : nil
        endpoints[path: "subsets"] = .array(subsets.json)
        guard let current else {
            return Decision([Action(.create(.endpoints, namespace: service.namespace, endpoints))])
        }
        guard !endpoints.isEquivalent(to: current.json) else { return Decision() }
        return Decision([Action(.update(.endpoints, APIObject(current, json: endpoints)))])
    }

    /// Whether Endpoints go along with their Service, also those that somebody wrote by hand. They may be made before it:
    /// only a Service that has been seen to go takes those along.
    public static func goWithService(_ endpoints: APIObject, hasSeenItGo: Bool) -> Bool {
        guard endpoints.annotation(MirroredSlices.leader) == nil else { return false }
        return hasSeenItGo || endpoints.label(managedBy) != nil
    }

    /// Addresses by the ports they serve.
    private struct Subsets {
        private struct Subset {
            var ready: [JSONValue] = []
            var notReady: [JSONValue] = []
        }

        private var subsets: [[JSONValue]: Subset] = [:]
        private var count = 0
        private(set) var isTruncated = false

        mutating func add(_ pod: APIObject, _ address: String, _ service: APIObject) {
            guard count < limit else {
                isTruncated = true
                return
            }
            let servicePorts = service.spec?["ports"]?.array ?? []
            let ports = servicePorts.compactMap { port -> JSONValue? in
                ServiceBackends.targetPort(port, of: pod).map { Self.port(port, $0) }
            }
            // A pod that serves none of the ports has no place, unless the Service has none.
            guard !ports.isEmpty || (servicePorts.isEmpty && ServiceBackends.isHeadless(service)) else { return }
            count += 1
            var entry: JSONValue = ["ip": .string(address)]
            if let hostname = ServiceBackends.hostname(pod, in: service) { entry[path: "hostname"] = hostname }
            if !pod.nodeName.isEmpty { entry[path: "nodeName"] = .string(pod.nodeName) }
            entry[path: "targetRef"] = ServiceBackends.reference(to: pod)
            if pod.isReadyPod || service.spec?["publishNotReadyAddresses"]?.bool == true {
                subsets[ports, default: Subset()].ready.append(entry)
            } else {
                subsets[ports, default: Subset()].notReady.append(entry)
            }
        }

        private static func port(_ servicePort: JSONValue, _ number: Int64) -> JSONValue {
            var port: JSONValue = ["port": .integer(number)]
            for field in ["name", "protocol", "appProtocol"] {
                if let value = servicePort[field] { port[path: field] = value }
            }
            return port
        }

        var json: [JSONValue] {
            let ordered = subsets.keys.map { ports in
                (ports, ports.map { "\($0["name"]?.string ?? "")/\($0["port"]?.integer ?? 0)" }.joined(separator: ","))
            }.sorted { $0.1 < $1.1 }
            return ordered.map { ports, _ in
                var subset: JSONValue = .emptyObject
                if let ready = subsets[ports]?.ready, !ready.isEmpty { subset[path: "addresses"] = .array(ready) }
                if let waiting = subsets[ports]?.notReady, !waiting.isEmpty {
                    subset[path: "notReadyAddresses"] = .array(waiting)
                }
                if !ports.isEmpty { subset[path: "ports"] = .array(ports) }
                return subset
            }
        }
    }
}
