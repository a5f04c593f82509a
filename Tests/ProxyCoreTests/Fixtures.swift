import KubeAPI
import NetTypes
import Testing

@testable import ProxyCore

/// Addresses that tests name by text.
extension IPAddress: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) {
        guard let address = IPAddress(text) else { preconditionFailure("\(text) is no address") }
        self = address
    }
}

extension AddressPort: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) {
        guard let endpoint = AddressPort(text) else { preconditionFailure("\(text) is no address and port") }
        self = endpoint
    }
}

extension CIDR: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) {
        guard let prefix = CIDR(text) else { preconditionFailure("\(text) is no prefix") }
        self = prefix
    }
}

typealias Endpoint = EndpointSlice.Endpoint

extension NodeFacts {
    static let here = NodeFacts(
        name: "here", zone: "a", nodePortAddresses: ["192.0.2.1", "fd02::1"],
        localAddresses: ["127.0.0.1", "192.0.2.1", "fd02::1"], detector: .cidrs(["10.1.0.0/24", "fd01::/64"]),
        serviceCIDRs: ["10.96.0.0/16", "fd96::/112"])
}

extension Service {
    /// `ns/web` with cluster IP 10.96.0.1, port 80 named http, and what `change` makes of it.
    static func make(
        _ name: String = "web", annotations: [String: String] = [:], labels: [String: String] = [:],
        created: String = "2026-01-01T00:00:00Z", proto: TransportProtocol = .tcp,
        _ change: (inout Service) -> Void = { _ in }
    ) -> Service {
        var service = Service(
            metadata: ObjectMeta(
                name: name, namespace: "ns", uid: "uid-\(name)", creationTimestamp: created, labels: labels,
                annotations: annotations))
        service.spec.clusterIPs = ["10.96.0.1"]
        service.spec.ports = [Port(name: "http", proto: proto, port: 80)]
        change(&service)
        return service
    }

    /// One that is also reached by node port 30080, external IP 198.51.100.1 and load-balancer IP 203.0.113.1.
    static func external(
        policy: Spec.TrafficPolicy = .cluster, annotations: [String: String] = [:], proto: TransportProtocol = .tcp,
        _ change: (inout Service) -> Void = { _ in }
    ) -> Service {
        make(annotations: annotations, proto: proto) { service in
            service.spec.kind = .loadBalancer
            service.spec.ports[0].nodePort = 30080
            service.spec.externalIPs = ["198.51.100.1"]
            service.spec.externalTrafficPolicy = policy
            service.loadBalancerIngress = [LoadBalancerIngress(ip: "203.0.113.1")]
            change(&service)
        }
    }
}

extension EndpointSlice {
    /// The slice `ns/web-1` of the Service `ns/web`.
    static func make(
        _ endpoints: [Endpoint], type: AddressType = .ipv4, ports: [Port] = [Port(name: "http", port: 8080)],
        annotations: [String: String] = [:]
    ) -> EndpointSlice {
        make("web-1", endpoints, type: type, ports: ports, annotations: annotations)
    }

    static func make(
        _ name: String = "web-1", of service: String = "web", _ endpoints: [Endpoint], type: AddressType = .ipv4,
        ports: [Port] = [Port(name: "http", port: 8080)], annotations: [String: String] = [:]
    ) -> EndpointSlice {
        EndpointSlice(
            metadata: ObjectMeta(
                name: name, namespace: "ns", labels: ["kubernetes.io/service-name": service], annotations: annotations),
            addressType: type, endpoints: endpoints, ports: ports)
    }
}

extension EndpointSlice.Endpoint {
    static func ready(
        _ address: IPAddress, node: String? = nil, zones: [String] = [], nodes: [String] = []
    ) -> Endpoint {
        Endpoint(addresses: [address], nodeName: node, hintZones: zones, hintNodes: nodes)
    }

    static func unready(_ address: IPAddress, node: String? = nil) -> Endpoint {
        Endpoint(addresses: [address], isReady: false, nodeName: node)
    }

    /// Serving while it terminates.
    static func terminating(_ address: IPAddress, node: String? = nil, isServing: Bool = true) -> Endpoint {
        Endpoint(addresses: [address], isReady: false, isServing: isServing, isTerminating: true, nodeName: node)
    }
}

extension ProxyState {
    /// The state after these objects.
    static func of(_ services: [Service], _ slices: [EndpointSlice] = [], node: NodeFacts = .here) -> ProxyState {
        var state = ProxyState(node: node)
        for service in services { state.stage(.service(service)) }
        for slice in slices { state.stage(.endpointSlice(slice)) }
        state.load()
        return state
    }

    func port(
        _ service: String = "web", _ port: String = "http", _ proto: TransportProtocol = .tcp,
        _ family: IPFamily = .ipv4
    ) -> ServicePort? {
        self[
            ServicePortName(
                service: NamespacedName(namespace: "ns", name: service), port: port, proto: proto, family: family)]
    }
}

extension EndpointSet {
    var text: [String] { endpoints.map { "\($0)" } }
    var addresses: [String] { endpoints.map { "\($0.address)" } }
}

func name(_ name: String) -> NamespacedName { NamespacedName(namespace: "ns", name: name) }
