import Glibc
import KubeAPI
import Lab
import NetTypes
import ProxyCore
import ProxyUserspace

/// A Service on one cluster IP, in a lab whose node is programmed for it.
enum SampleService {
    static let address = AddressPort(IPAddress(10, 96, 0, 7), 80)
    static let node = NodeFacts(name: "node")

    static func port(
        _ proto: TransportProtocol = .tcp, _ endpoints: [AddressPort], family: IPFamily = .ipv4,
        _ change: (inout ServicePort) -> Void = { _ in }
    ) -> ServicePort {
        let set = EndpointSet(endpoints.sorted())
        var port = ServicePort(
            name: ServicePortName(
                service: NamespacedName(namespace: "lab", name: "web"), port: "", proto: proto, family: family),
            frontends: [Frontend(.clusterIP(address.address), address.port)], internalEndpoints: set,
            clusterEndpoints: set, hasAnyEndpoint: !endpoints.isEmpty)
        change(&port)
        return port
    }

    static func change(_ old: ServicePort, _ new: ServicePort) -> ProxyDelta {
        var delta = ProxyDelta()
        delta.servicePorts = [ServicePortChange(old: old, new: new)]
        return delta
    }

    static func program(_ port: ServicePort, _ engine: UserspaceEngine, in lab: FlowProbe) throws {
        try lab.inside(.node) {
            var backend = try UserspaceBackend(family: port.name.family, engine: engine)
            _ = try backend.synchronise([port], node: node)
        }
    }

    /// Asks again until it is true, a minute long.
    static func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if try condition() { return true }
            usleep(20_000)
        }
        return try condition()
    }
}
