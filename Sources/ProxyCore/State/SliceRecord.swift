import KubeAPI
import NetTypes

/// What the API says of one endpoint, in 32 bytes. Numbers are those of the state's intern tables; 0 is unknown.
struct EndpointRecord: Hashable, Sendable {
    struct Conditions: OptionSet, Hashable, Sendable {
        let rawValue: UInt8
        static let ready = Conditions(rawValue: 1)
        static let serving = Conditions(rawValue: 2)
        static let terminating = Conditions(rawValue: 4)
    }

    let address: IPAddress
    let node: UInt32
    let zone: UInt32
    let hints: UInt32
    let conditions: Conditions

    /// Flows that exist may go on: policies, hints and termination take no flow from an endpoint.
    var keepsFlows: Bool { !conditions.isDisjoint(with: [.ready, .serving]) }
}

/// The nodes and zones an endpoint is meant for.
struct HintSet: Hashable, Sendable {
    let zones: [String]
    let nodes: [String]
}

/// An EndpointSlice, without what nobody asks for again.
struct SliceRecord: Hashable, Sendable {
    let name: String
    let family: IPFamily
    /// Number of the port list.
    let ports: UInt32
    /// Annotation `apus.dev/weight`.
    let weight: UInt16
    let hasZoneHints: Bool
    /// Ascending by address.
    let endpoints: [EndpointRecord]
    let advice: [Advice]
}

/// The tables that make slices small.
struct SliceTables: Sendable {
    var strings = InternTable<String>()
    var hints = InternTable<HintSet>()
    var ports = InternTable<[EndpointSlice.Port]>()

    /// Every record needs its `release`. nil for slices that a node proxy ignores.
    mutating func record(_ slice: EndpointSlice) -> SliceRecord? {
        let family: IPFamily
        switch slice.addressType {
        case .ipv4: family = .ipv4
        case .ipv6: family = .ipv6
        case .fqdn: return nil
        }
        guard slice.metadata.labels["service.kubernetes.io/headless"] == nil else { return nil }
        let weight = SliceTuning(slice.metadata)
        var endpoints: [EndpointRecord] = []
        endpoints.reserveCapacity(slice.endpoints.count)
        for endpoint in slice.endpoints {
            guard let address = endpoint.addresses.first, address.family == family else { continue }
            endpoints.append(record(endpoint, address))
        }
        if !endpoints.isAscending(by: \.address) { endpoints.sort { $0.address < $1.address } }
        return SliceRecord(
            name: slice.metadata.name, family: family, ports: ports.retain(slice.ports), weight: weight.weight,
            hasZoneHints: slice.endpoints.contains { !$0.hintZones.isEmpty }, endpoints: endpoints,
            advice: weight.advice)
    }

    /// The first address stands for an endpoint; the others are the same pod's, and unused by every proxy.
    private mutating func record(_ endpoint: EndpointSlice.Endpoint, _ address: IPAddress) -> EndpointRecord {
        var conditions: EndpointRecord.Conditions = []
        if endpoint.isReady { conditions.insert(.ready) }
        if endpoint.isServing { conditions.insert(.serving) }
        if endpoint.isTerminating { conditions.insert(.terminating) }
        let hasHints = !endpoint.hintZones.isEmpty || !endpoint.hintNodes.isEmpty
        return EndpointRecord(
            address: address, node: retain(endpoint.nodeName), zone: retain(endpoint.zone),
            hints: hasHints ? hints.retain(HintSet(zones: endpoint.hintZones, nodes: endpoint.hintNodes)) : 0,
            conditions: conditions)
    }

    private mutating func retain(_ text: String?) -> UInt32 {
        guard let text, !text.isEmpty else { return 0 }
        return strings.retain(text)
    }

    mutating func release(_ slice: SliceRecord) {
        ports.release(slice.ports)
        for endpoint in slice.endpoints {
            strings.release(endpoint.node)
            strings.release(endpoint.zone)
            hints.release(endpoint.hints)
        }
    }

    /// The port number under which a slice serves a service port; nil if it does not.
    func portNumber(_ slice: SliceRecord, name: String, proto: TransportProtocol) -> UInt16? {
        ports[slice.ports]?.first { $0.name == name && $0.proto == proto }?.port
    }
}

extension Array {
    func isAscending(by key: (Element) -> some Comparable) -> Bool {
        zip(self, dropFirst()).allSatisfy { key($0) <= key($1) }
    }
}
