import KubeAPI
import NetTypes

/// What the zone needs of a Service.
struct ServiceFacts: Hashable, Sendable {
    let key: NamespacedName
    let kind: ServiceRecords.Kind
    let addresses: [IPAddress]
    let ports: [ServiceRecords.Port]
    let publishesUnready: Bool

    /// nil for a Service that has no name: an ExternalName that is none.
    init?(_ service: Service) {
        key = service.metadata.key
        switch service.spec.kind {
        case .externalName:
            guard let target = DomainName(service.spec.externalName), target != .root else { return nil }
            kind = .alias(target)
        case .clusterIP, .nodePort, .loadBalancer: kind = service.spec.isHeadless ? .headless : .clusterIP
        }
        addresses = service.spec.clusterIPs
        ports = service.spec.ports.map { ServiceRecords.Port(name: $0.name, proto: $0.proto, number: $0.port) }
        publishesUnready = service.spec.publishNotReadyAddresses
    }
}

/// What the zone needs of an EndpointSlice.
struct SliceFacts: Hashable, Sendable {
    struct Endpoint: Hashable, Sendable {
        let host: ServiceRecords.Host
        let isReady: Bool
    }

    let ports: [ServiceRecords.Port]
    let endpoints: [Endpoint]

    init(_ slice: EndpointSlice) {
        // A port without a number stands for all ports, which no record can say.
        ports = slice.ports.compactMap { port in
            port.port.map { ServiceRecords.Port(name: port.name, proto: port.proto, number: $0) }
        }
        endpoints = slice.endpoints.flatMap { endpoint in
            let label = (endpoint.hostname ?? "").lowercased().utf8
            return endpoint.addresses.map {
                Endpoint(host: .init(label: Array(label), address: $0), isReady: endpoint.isReady)
            }
        }
    }
}

extension ServiceRecords.Port {
    init(name: String, proto: TransportProtocol, number: UInt16) {
        self.init(name: Array(name.lowercased().utf8), proto: proto, number: number)
    }
}
