import KubeAPI

/// What the zone is made of.
public enum ZoneSource: Hashable, Sendable, CaseIterable {
    case services, endpointSlices
    /// Those that have no Services; the zone does without them where they may not be read.
    case namespaces

    /// Nothing is denied before all of these are known.
    static let needed: Set = [services, endpointSlices]
}

/// Something that became known of the cluster, in the order of a reflector's events.
public enum ZoneEvent: Sendable {
    case listBegins(ZoneSource)
    /// What did not come since the list began no longer exists.
    case listEnds(ZoneSource)
    case service(Service)
    case serviceDeleted(NamespacedName)
    case slice(EndpointSlice)
    case sliceDeleted(NamespacedName)
    case namespace(String)
    case namespaceDeleted(String)
    /// What was known of it stays in force.
    case malformed(ZoneSource, NamespacedName)
}

/// Keeps a zone up to date with the cluster's Services, EndpointSlices and namespaces. An event costs as much as its Service has
/// endpoints.
public struct ZoneState: Sendable {
    public private(set) var zone: Zone
    private var services: [NamespacedName: ServiceFacts] = [:]
    /// By Service, then by name of the slice.
    private var slices: [NamespacedName: [String: SliceFacts]] = [:]
    /// The Service of each slice.
    private var owners: [NamespacedName: NamespacedName] = [:]
    private var namespaces: Set<String> = []
    /// What came since a list began.
    private var seen: [ZoneSource: Set<NamespacedName>] = [:]
    private var listed: Set<ZoneSource> = []

    public init(_ configuration: ZoneConfiguration) { zone = Zone(configuration) }

    public mutating func apply(_ event: ZoneEvent) {
        switch event {
        case .listBegins(let source): seen[source] = []
        case .listEnds(let source): endList(source)
        case .malformed(let source, let key): seen[source]?.insert(key)
        case .service(let service):
            let key = service.metadata.key
            seen[.services]?.insert(key)
            set(key, ServiceFacts(service))
        case .serviceDeleted(let key): set(key, nil)
        case .slice(let slice):
            seen[.endpointSlices]?.insert(slice.metadata.key)
            set(slice.metadata.key, SliceFacts(slice), of: slice.service)
        case .sliceDeleted(let key): set(key, nil, of: nil)
        case .namespace(let name):
            seen[.namespaces]?.insert(NamespacedName(namespace: "", name: name))
            if namespaces.insert(name).inserted { zone.declare(namespace: name, exists: true) }
        case .namespaceDeleted(let name): forget(namespace: name)
        }
    }

    private mutating func endList(_ source: ZoneSource) {
        let seen = seen.removeValue(forKey: source) ?? []
        switch source {
        case .services:
            for key in services.keys.filter({ !seen.contains($0) }) { set(key, nil) }
        case .endpointSlices:
            for key in owners.keys.filter({ !seen.contains($0) }) { set(key, nil, of: nil) }
        case .namespaces:
            let names = Set(seen.map(\.name))
            for name in namespaces where !names.contains(name) { forget(namespace: name) }
        }
        listed.insert(source)
        if listed.isSuperset(of: ZoneSource.needed) { zone.isComplete = true }
    }

    private mutating func forget(namespace name: String) {
        if namespaces.remove(name) != nil { zone.declare(namespace: name, exists: false) }
    }

    private mutating func set(_ key: NamespacedName, _ facts: ServiceFacts?) {
        guard services[key] != facts else { return }
        services[key] = facts
        rebuild(key)
    }

    /// A slice may move to another Service.
    private mutating func set(_ key: NamespacedName, _ facts: SliceFacts?, of service: NamespacedName?) {
        let old = owners[key]
        owners[key] = service
        if let old, old != service {
            slices[old]?[key.name] = nil
            if slices[old]?.isEmpty == true { slices[old] = nil }
            rebuild(old)
        }
        guard let service, slices[service]?[key.name] != facts else { return }
        slices[service, default: [:]][key.name] = facts
        rebuild(service)
    }

    private mutating func rebuild(_ key: NamespacedName) {
        let parts = (slices[key] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
        zone.replace(key, with: services[key].flatMap { ServiceRecords($0, parts, zone: zone.configuration) })
    }
}
