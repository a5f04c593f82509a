import KubeAPI
import NetTypes

/// What one node's proxy should do, derived from Services, EndpointSlices and facts of the node.
///
/// Events are staged and then settled: `stage` takes in an object, `settle` resolves the Services that staged events
/// touched and tells what changed. `apply` does both. Either costs what the touched Services hold, whatever the table
/// holds. Before everything is listed, stage all objects and call `load`: no delta is made.
/// Objects come in any order; the same objects always end in the same state.
public struct ProxyState: Sendable {
    public internal(set) var node: NodeFacts
    public internal(set) var counts = ProxyCounts()

    /// One per Service and per Service that slices name; vacant ones are used again.
    var entries: [ServiceEntry] = []
    var slots: [NamespacedName: Int32] = [:]
    var vacantSlots: [Int32] = []
    /// The slot of the Service that a slice belongs to.
    var sliceOwners: [NamespacedName: Int32] = [:]
    var tables = SliceTables()
    var frontends = FrontendIndex()
    /// How many service ports have this cluster IP.
    var clusterIPs: [IPAddress: Int32] = [:]

    var pending = Pending()

    /// What `settle` has to look at.
    struct Pending: Sendable {
        var dirty: [Int32] = []
        /// Slices of dirty slots as they were at the last `settle`.
        var slicesBefore: [Int32: [SliceRecord]] = [:]
        /// Advice of dirty slots at the last `settle`, where there was any.
        var adviceBefore: [Int32: [Advice]] = [:]
        /// Slices that are gone; they keep their numbers until the next `settle`.
        var retired: [SliceRecord] = []
        var nodeBefore: NodeFacts?
        /// Set by the first `settle` or `load`: only then there is a past to compare with.
        var hasPast = false
    }

    public init(node: NodeFacts) { self.node = node }

    // MARK: Events

    public mutating func apply(_ event: ProxyEvent) -> ProxyDelta {
        stage(event)
        return settle()
    }

    /// Takes an event in. Nothing that the state tells reflects it before `settle` or `load`.
    public mutating func stage(_ event: ProxyEvent) {
        switch event {
        case .service(let service): stage(service.metadata.key, ServiceRecord(service))
        case .serviceDeleted(let name): stage(name, nil)
        case .endpointSlice(let slice): stage(slice)
        case .endpointSliceDeleted(let name): removeSlice(name)
        case .node(let facts): stage(facts)
        }
    }

    /// The Services of a new list: others are gone.
    public mutating func replaceServices(_ services: [Service]) -> ProxyDelta {
        let listed = Set(services.map(\.metadata.key))
        for entry in entries where entry.record != nil && !listed.contains(entry.name) { stage(entry.name, nil) }
        for service in services { stage(.service(service)) }
        return settle()
    }

    /// The EndpointSlices of a new list: others are gone.
    public mutating func replaceEndpointSlices(_ slices: [EndpointSlice]) -> ProxyDelta {
        let listed = Set(slices.map(\.metadata.key))
        for name in sliceOwners.keys where !listed.contains(name) { removeSlice(name) }
        for slice in slices { stage(slice) }
        return settle()
    }

    // MARK: Staging

    /// nil is a Service that is gone or not ours.
    private mutating func stage(_ name: NamespacedName, _ record: ServiceRecord?) {
        guard record != nil || slots[name] != nil else { return }
        let slot = slot(name)
        let old = entries[Int(slot)].record
        guard old != record else { return }
        touch(slot)
        entries[Int(slot)].record = record
        counts.services += (record == nil ? 0 : 1) - (old == nil ? 0 : 1)
        if let old { withdrawClaims(old, slot) }
        if let record { claimFrontends(record, slot) }
    }

    private mutating func stage(_ slice: EndpointSlice) {
        let name = slice.metadata.key
        guard let service = slice.service, !service.name.isEmpty, let record = tables.record(slice) else {
            return removeSlice(name)
        }
        let slot = slot(service)
        if let former = sliceOwners[name] {
            let known = entries[Int(former)].slices.firstIndex { $0.name == record.name }
            if former == slot, let known, entries[Int(slot)].slices[known] == record { return tables.release(record) }
            removeSlice(name)
        }
        touch(slot)
        let sliceName = NamespacedName(namespace: entries[Int(slot)].name.namespace, name: record.name)
        sliceOwners[sliceName] = slot
        counts.count(record, 1)
        let position = entries[Int(slot)].slices.firstIndex { $0.name > record.name }
        entries[Int(slot)].slices.insert(record, at: position ?? entries[Int(slot)].slices.endIndex)
    }

    private mutating func removeSlice(_ name: NamespacedName) {
        guard let slot = sliceOwners.removeValue(forKey: name),
            let position = entries[Int(slot)].slices.firstIndex(where: { $0.name == name.name })
        else { return }
        touch(slot)
        let slice = entries[Int(slot)].slices.remove(at: position)
        counts.count(slice, -1)
        pending.retired.append(slice)
    }

    private mutating func stage(_ facts: NodeFacts) {
        let old = node
        guard facts != old else { return }
        pending.nodeBefore = pending.nodeBefore ?? old
        node = facts
        let isRenamed = old.name != facts.name
        let isElsewhere = old.zone != facts.zone
        let isReaddressed = old.localAddresses != facts.localAddresses
        guard isRenamed || isElsewhere || isReaddressed else { return }
        for (slot, entry) in entries.enumerated()
        where isRenamed || isElsewhere && entry.hasZoneHints || isReaddressed && entry.looksAtLocalAddresses {
            touch(Int32(slot))
        }
    }

    // MARK: Slots

    private mutating func slot(_ name: NamespacedName) -> Int32 {
        if let known = slots[name] { return known }
        let slot = vacantSlots.popLast() ?? Int32(entries.count)
        if Int(slot) == entries.count {
            entries.append(ServiceEntry(name: name))
        } else {
            entries[Int(slot)] = ServiceEntry(name: name)
        }
        slots[name] = slot
        return slot
    }

    private mutating func touch(_ slot: Int32) {
        let index = Int(slot)
        guard !entries[index].isDirty else { return }
        entries[index].isDirty = true
        pending.dirty.append(slot)
        guard pending.hasPast else { return }
        pending.slicesBefore[slot] = entries[index].slices
        let advice = entries[index].advice
        if !advice.isEmpty { pending.adviceBefore[slot] = advice }
    }

    // MARK: Frontends

    private mutating func withdrawClaims(_ record: ServiceRecord, _ slot: Int32) {
        for (key, _) in record.claims {
            frontends.remove(key, slot: slot)
            if let heir = frontends.owner(key) { touch(heir.slot) }
        }
    }

    private mutating func claimFrontends(_ record: ServiceRecord, _ slot: Int32) {
        for (key, port) in record.claims {
            let incumbent = frontends.owner(key)
            if let incumbent { touch(incumbent.slot) }
            frontends.add(
                key, claim(PortReference(slot: slot, port: port)), incumbent: incumbent.map { claim($0) })
        }
    }

    private func claim(_ reference: PortReference) -> FrontendClaim {
        let entry = entries[Int(reference.slot)]
        return FrontendClaim(created: entry.record?.created ?? .max, service: entry.name, reference: reference)
    }
}

extension ServiceRecord {
    /// Every frontend it asks for, with the index of the port.
    fileprivate var claims: [(key: FrontendKey, port: UInt16)] {
        families.flatMap { family in
            ports.indices.flatMap { index in
                frontends(ports[index], family).map {
                    (FrontendKey($0, ports[index].proto, family), UInt16(truncatingIfNeeded: index))
                }
            }
        }
    }
}
