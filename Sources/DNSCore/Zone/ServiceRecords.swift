import KubeAPI
import NetTypes

/// What the zone says of one Service: made anew when the Service or one of its slices changes, and shared by all copies of
/// the zone.
final class ServiceRecords: Sendable {
    enum Kind: Hashable, Sendable {
        case clusterIP
        case headless
        /// Of type ExternalName.
        case alias(DomainName)
    }

    struct Port: Hashable, Sendable {
        /// In lower case; empty when the port has no name.
        let name: [UInt8]
        let proto: TransportProtocol
        let number: UInt16
    }

    /// An endpoint's address and the label that its own name begins with.
    struct Host: Hashable, Sendable {
        let label: [UInt8]
        let address: IPAddress
    }

    /// Endpoints with the same ports: those of one slice.
    struct HostGroup: Sendable {
        let ports: [Port]
        let hosts: [Host]
    }

    /// `web.shop.svc.cluster.local`
    let name: DomainName
    let kind: Kind
    /// Of the Service, or of its endpoints when it is headless: each once, in ascending order.
    let ipv4: [IPAddress]
    let ipv6: [IPAddress]
    /// Of the Service; a headless one's SRV records have those of its endpoints.
    let ports: [Port]
    /// Of a headless Service.
    let groups: [HostGroup]
    /// Addresses by hostname, in lower case.
    private let named: [[UInt8]: [IPAddress]]
    /// Addresses of endpoints without a hostname.
    private let unnamed: Set<IPAddress>

    /// nil when the Service has no name in the zone.
    init?(_ service: ServiceFacts, _ slices: some Collection<SliceFacts>, zone: ZoneConfiguration) {
        guard let name = zone.name(of: service.key) else { return nil }
        let groups = slices.map { slice in
            HostGroup(
                ports: slice.ports,
                hosts: slice.endpoints.filter { $0.isReady || service.publishesUnready }.map(\.host))
        }
        let hosts = groups.flatMap(\.hosts)
        self.name = name
        kind = service.kind
        ports = service.ports
        self.groups = service.kind == .headless ? groups : []
        let addresses = service.kind == .headless ? Set(hosts.map(\.address)).sorted() : service.addresses
        ipv4 = addresses.filter { $0.family == .ipv4 }
        ipv6 = addresses.filter { $0.family == .ipv6 }
        var named: [[UInt8]: [IPAddress]] = [:]
        var unnamed: Set<IPAddress> = []
        for host in hosts {
            if host.label.isEmpty {
                unnamed.insert(host.address)
            } else if named[host.label]?.contains(host.address) != true {
                named[host.label, default: []].append(host.address)
            }
        }
        self.named = named
        self.unnamed = unnamed
    }

    /// A headless Service without endpoints has no records, and the specification has its name not exist then.
    var isEmpty: Bool { kind == .headless && ipv4.isEmpty && ipv6.isEmpty }

    /// Addresses of the endpoint whose own name begins with `label`: its hostname, or its address with dashes.
    func addresses(ofHost label: ArraySlice<UInt8>) -> [IPAddress] {
        if let addresses = named[Array(label)] { return addresses }
        guard !unnamed.isEmpty, let address = IPAddress(dashed: label), unnamed.contains(address) else { return [] }
        return [address]
    }

    func addresses(_ family: IPFamily) -> [IPAddress] { family == .ipv4 ? ipv4 : ipv6 }

    /// What PTR records lead here, and to which name.
    var pointers: [IPAddress: Set<DomainName>] {
        switch kind {
        case .alias: return [:]
        case .clusterIP:
            return Dictionary((ipv4 + ipv6).map { ($0, [name]) }) { first, _ in first }
        case .headless:
            var pointers: [IPAddress: Set<DomainName>] = [:]
            for host in groups.flatMap(\.hosts) {
                if let target = name.prepending(host.nameLabel) { pointers[host.address, default: []].insert(target) }
            }
            return pointers
        }
    }

    /// Whether a port is of this protocol, and perhaps of this name.
    func hasPort(_ name: ArraySlice<UInt8>?, _ proto: TransportProtocol) -> Bool {
        func fits(_ port: Port) -> Bool {
            port.proto == proto && (name?.elementsEqual(port.name) ?? !port.name.isEmpty)
        }
        return kind == .headless
            ? groups.contains { !$0.hosts.isEmpty && $0.ports.contains(where: fits) } : ports.contains(where: fits)
    }
}

extension ServiceRecords.Host {
    /// The hostname, or the address with dashes.
    var nameLabel: [UInt8] { label.isEmpty ? address.dashed : label }
}

extension IPAddress {
    /// `10-0-0-1`, or `fd00--1`.
    var dashed: [UInt8] {
        description.utf8.map { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") ? UInt8(ascii: "-") : $0 }
    }

    /// From `10-0-0-1` or `fd00--1`.
    init?(dashed label: ArraySlice<UInt8>) {
        func parse(_ separator: UInt8) -> IPAddress? {
            IPAddress(String(decoding: label.map { $0 == UInt8(ascii: "-") ? separator : $0 }, as: UTF8.self))
        }
        guard let address = parse(UInt8(ascii: ".")) ?? parse(UInt8(ascii: ":")) else { return nil }
        self = address
    }
}
