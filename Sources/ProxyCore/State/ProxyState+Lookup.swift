import KubeAPI
import NetTypes

extension ProxyState {
    /// Every service port, in no particular order.
    public var servicePorts: some Sequence<ServicePort> { entries.lazy.flatMap(\.ports) }

    /// Every health-check node port, in no particular order; visits every Service.
    public var healthChecks: [HealthCheck] { entries.compactMap(\.healthCheck) }

    public subscript(name: ServicePortName) -> ServicePort? {
        slots[name.service].flatMap { slot in entries[Int(slot)].ports.first { $0.name == name } }
    }

    /// The service port that serves an address and port, and as what. A service address comes before a node port.
    public func servicePort(at destination: AddressPort, _ proto: TransportProtocol) -> (ServicePort, Frontend)? {
        let ip = destination.address
        if let port = servicePort(FrontendKey(ip, destination.port, proto)),
            let frontend = port.frontends.first(where: { $0.address.ip == ip && $0.port == destination.port })
        {
            return (port, frontend)
        }
        guard node.nodePortAddresses.contains(ip),
            let port = servicePort(nodePort: destination.port, proto, ip.family)
        else { return nil }
        return (port, Frontend(.nodePort, destination.port))
    }

    /// The service port that has a node port.
    public func servicePort(nodePort: UInt16, _ proto: TransportProtocol, _ family: IPFamily) -> ServicePort? {
        servicePort(FrontendKey(.unspecified(family), nodePort, proto))
    }

    /// Whether an address is some Service's cluster IP.
    public func isClusterIP(_ ip: IPAddress) -> Bool { clusterIPs[ip] != nil }

    private func servicePort(_ key: FrontendKey) -> ServicePort? { owner(key).flatMap { self[$0] } }

    func owner(_ key: FrontendKey) -> ServicePortName? { frontends.owner(key).flatMap { name(of: $0, key) } }

    func name(of reference: PortReference, _ key: FrontendKey) -> ServicePortName? {
        let entry = entries[Int(reference.slot)]
        return entry.record.map {
            ServicePortName(
                service: entry.name, port: $0.ports[Int(reference.port)].name, proto: key.proto, family: key.ip.family)
        }
    }
}
