import KubeAPI
import NetTypes

/// What does not change while a zone is served.
public struct ZoneConfiguration: Hashable, Sendable {
    /// In lower case, such as `cluster.local`.
    public let domain: DomainName
    /// Seconds.
    public var ttl: UInt32 = 5
    /// How long the news that a name does not exist may be kept; seconds.
    public var negativeTTL: UInt32 = 5
    /// The addresses of `ns.dns.<domain>`.
    public var nameServers: [IPAddress] = []

    public init(domain: DomainName) { self.domain = domain.lowercased }

    /// `web.shop.svc.cluster.local`; nil when that is no name.
    func name(of service: NamespacedName) -> DomainName? {
        domain.prepending("svc".utf8)?.prepending(service.namespace.lowercased().utf8)?
            .prepending(service.name.lowercased().utf8)
    }
}

/// The records of a cluster at one moment (Kubernetes DNS-Based Service Discovery 1.1.0). A copy costs little and does not
/// change; `ZoneState` makes the next one.
public struct Zone: Sendable {
    public let configuration: ZoneConfiguration
    /// False until everything is known: names are not denied before.
    public internal(set) var isComplete = false
    /// Goes up with every change; of the SOA record.
    public private(set) var serial: UInt32 = 1
    /// By their first two labels, as on the wire.
    private var services = PersistentTable<[UInt8], ServiceRecords>()
    /// How many Services each has, by its label, and one more where it is known itself.
    private var namespaces = PersistentTable<[UInt8], Int>()
    private var pointers = PersistentTable<IPAddress, [DomainName]>()

    public init(_ configuration: ZoneConfiguration) { self.configuration = configuration }

    public var serviceCount: Int { services.count }

    /// The Service whose first two labels are `labels`, as on the wire.
    func service(_ labels: ArraySlice<UInt8>) -> ServiceRecords? { services[Array(labels)] }

    func hasNamespace(_ label: ArraySlice<UInt8>) -> Bool { namespaces[Array(label)] != nil }

    /// Names of the Services and endpoints with this address.
    func names(of address: IPAddress) -> [DomainName] { pointers[address] ?? [] }

    /// Puts records in the place of a Service's old ones; nil when it is gone.
    mutating func replace(_ service: NamespacedName, with records: ServiceRecords?) {
        guard let name = configuration.name(of: service) else { return }
        let labels = name.labels
        let key = Array(name.wire[..<labels[1].endIndex])
        let old = services[key]
        guard old != nil || records != nil else { return }
        services[key] = records
        count(Array(labels[1]), by: (records == nil ? 0 : 1) - (old == nil ? 0 : 1))
        point(from: old?.pointers ?? [:], to: records?.pointers ?? [:])
        serial &+= 1
    }

    /// A namespace came to be known, or no longer exists.
    mutating func declare(namespace: String, exists: Bool) {
        count(Array(namespace.lowercased().utf8), by: exists ? 1 : -1)
        serial &+= 1
    }

    private mutating func count(_ namespace: [UInt8], by difference: Int) {
        guard difference != 0 else { return }
        let count = (namespaces[namespace] ?? 0) + difference
        namespaces[namespace] = count > 0 ? count : nil
    }

    /// Only addresses whose names differ are touched.
    private mutating func point(from old: [IPAddress: Set<DomainName>], to new: [IPAddress: Set<DomainName>]) {
        for (address, names) in old where new[address] != names {
            let rest = (pointers[address] ?? []).filter { !names.contains($0) }
            pointers[address] = rest.isEmpty ? nil : rest
        }
        for (address, names) in new where old[address] != names {
            pointers[address] = (pointers[address] ?? []) + names.sorted { $0.wire.lexicographicallyPrecedes($1.wire) }
        }
    }
}
