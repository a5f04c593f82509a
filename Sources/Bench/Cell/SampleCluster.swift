import KubeAPI
import NetTypes

/// A cluster of made-up Services, each with a cluster IP, one TCP port and one EndpointSlice. The same numbers give
/// the same objects.
public struct SampleCluster: Sendable {
    public let services: Int
    public var endpointsPerService: Int

    public init(services: Int, endpointsPerService: Int = 10) {
        self.services = services
        self.endpointsPerService = endpointsPerService
    }

    /// 10.96.0.0/12 holds a million cluster IPs; the first are left to Services with real backends.
    public func clusterIP(_ index: Int) -> IPAddress { IPAddress(v4: 0x0a60_0100 + UInt32(index)) }

    /// Addresses from 10.128.0.0/9 on; no two endpoints share one. `generation` tells replacements from originals.
    public func endpoint(_ service: Int, _ index: Int, generation: Int = 0) -> IPAddress {
        let number = service * endpointsPerService + index
        return IPAddress(v4: (generation == 0 ? 0x0a80_0000 : 0x1480_0000) + UInt32(number))
    }

    public static let targetPort: UInt16 = 8080

    public func name(_ index: Int) -> NamespacedName { NamespacedName(namespace: "shop", name: "service-\(index)") }

    public func service(_ index: Int) -> Service {
        Self.service(name(index), clusterIP: clusterIP(index))
    }

    public static func service(_ name: NamespacedName, clusterIP: IPAddress) -> Service {
        var service = Service(metadata: ObjectMeta(name: name.name, namespace: name.namespace, uid: "uid-\(name)"))
        service.spec.clusterIPs = [clusterIP]
        service.spec.ports = [Service.Port(name: "http", port: 80)]
        return service
    }

    public func slice(_ index: Int) -> EndpointSlice {
        slice(index, (0..<endpointsPerService).map { endpoint(index, $0) })
    }

    public func slice(_ index: Int, _ addresses: [IPAddress]) -> EndpointSlice {
        Self.slice(name(index), addresses, port: Self.targetPort)
    }

    public static func slice(_ service: NamespacedName, _ addresses: [IPAddress], port: UInt16) -> EndpointSlice {
        EndpointSlice(
            metadata: ObjectMeta(
                name: "\(service.name)-abcde", namespace: service.namespace, uid: "uid-\(service)-slice",
                labels: ["kubernetes.io/service-name": service.name]),
            addressType: .ipv4,
            endpoints: addresses.map { EndpointSlice.Endpoint(addresses: [$0], nodeName: "another-node") },
            ports: [EndpointSlice.Port(name: "http", port: port)])
    }
}
