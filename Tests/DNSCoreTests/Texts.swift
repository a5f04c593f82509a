import KubeAPI
import NetTypes

@testable import DNSCore

extension ResourceRecord {
    /// As dig writes it.
    var text: String { "\(name) \(ttl) \(data.text)" }
}

extension RecordData {
    var text: String {
        switch self {
        case .address(let address): "\(type) \(address)"
        case .ns(let name), .cname(let name), .ptr(let name): "\(type) \(name)"
        case .mx(let preference, let name): "MX \(preference) \(name)"
        case .soa(let soa): "SOA \(soa.primary) \(soa.mailbox) \(soa.minimum)"
        case .txt(let text): "TXT \(String(decoding: text, as: UTF8.self))"
        case .srv(let location): "SRV \(location.priority) \(location.weight) \(location.port) \(location.target)"
        case .opaque(let type, let bytes): "TYPE\(type.rawValue) \(bytes.count)"
        }
    }
}

extension Response {
    /// The code, and each record of each section behind its letter.
    var lines: [String] {
        [code.description] + answers.map { "AN \($0.text)" } + authority.map { "NS \($0.text)" }
            + additional.map { "AR \($0.text)" }
    }
}

func name(_ text: String) -> DomainName { DomainName(text) ?? .root }

/// The objects that the tests of the zone ask about.
enum Shop {
    static let web = service("web", ips: ["10.96.0.7", "fd00::7"], ports: [("http", .tcp, 80), ("dns", .udp, 53)])
    static let db = service("db", headless: true, ports: [("sql", .tcp, 5432)])
    static let dbSlice = slice(
        "db-1", of: "db",
        endpoints: [
            endpoint("10.0.0.1", hostname: "db-0"), endpoint("10.0.0.2", hostname: "DB-1"), endpoint("10.0.0.3"),
        ],
        ports: [("sql", 15432)])

    static func service(
        _ name: String, namespace: String = "shop", ips: [String] = [], headless: Bool = false,
        ports: [(name: String, proto: TransportProtocol, number: UInt16)] = []
    ) -> Service {
        var service = Service(metadata: ObjectMeta(name: name, namespace: namespace))
        service.spec.clusterIPs = ips.compactMap { IPAddress($0) }
        service.spec.isHeadless = headless
        service.spec.ports = ports.map { Service.Port(name: $0.name, proto: $0.proto, port: $0.number) }
        return service
    }

    static func alias(_ name: String, to target: String) -> Service {
        var service = service(name)
        service.spec.kind = .externalName
        service.spec.externalName = target
        return service
    }

    static func endpoint(_ address: String, hostname: String? = nil, isReady: Bool = true) -> EndpointSlice.Endpoint {
        .init(addresses: [IPAddress(address)].compactMap { $0 }, isReady: isReady, hostname: hostname)
    }

    static func slice(
        _ name: String, of service: String, namespace: String = "shop", type: EndpointSlice.AddressType = .ipv4,
        endpoints: [EndpointSlice.Endpoint], ports: [(name: String, number: UInt16)] = []
    ) -> EndpointSlice {
        EndpointSlice(
            metadata: ObjectMeta(
                name: name, namespace: namespace, labels: ["kubernetes.io/service-name": service]),
            addressType: type, endpoints: endpoints,
            ports: ports.map { EndpointSlice.Port(name: $0.name, port: $0.number) })
    }

    /// A zone with these objects.
    static func state(_ services: [Service], _ slices: [EndpointSlice]) -> ZoneState {
        var state = ZoneState(ZoneConfiguration(domain: name("cluster.local")))
        state.apply(.listBegins(.services))
        for service in services { state.apply(.service(service)) }
        state.apply(.listEnds(.services))
        state.apply(.listBegins(.endpointSlices))
        for slice in slices { state.apply(.slice(slice)) }
        state.apply(.listEnds(.endpointSlices))
        return state
    }
}

extension Zone {
    /// The answer's lines; where the question goes elsewhere, `→` and what is asked there.
    func lines(_ text: String, _ type: RecordType, rotation: Int = 0) -> [String] {
        switch answer(to: Question(name(text), type), rotation: rotation) {
        case .response(let response): response.lines
        case .alias(let response, let target): response.lines + ["→ \(target)"]
        case .outside(let response): ["→ elsewhere"] + response.lines
        }
    }
}
