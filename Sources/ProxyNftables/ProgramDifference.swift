import NetTypes
import Nftables
import ProxyCore

/// What changes between the programs of some service ports before and after.
struct ProgramDifference {
    private(set) var removals: [Layout.SetName: [SetElement]] = [:]
    private(set) var additions: [Layout.SetName: [SetElement]] = [:]
    /// By how much the number of users changes.
    private(set) var sharedElements: [SharedElement: Int] = [:]
    private(set) var newChains: [TableChain] = []
    private(set) var oldChains: [TableChain] = []
    private(set) var newMaps: [SetSpec] = []
    private(set) var oldMaps: [SetSpec] = []

    mutating func replace(_ old: ServiceProgram?, with new: ServiceProgram?) {
        replaceElements(old?.elements ?? [], with: new?.elements ?? [])
        for element in old?.sharedElements ?? [] { sharedElements[element, default: 0] -= 1 }
        for element in new?.sharedElements ?? [] { sharedElements[element, default: 0] += 1 }
        replaceChains(old?.chains ?? [], with: new?.chains ?? [])
        let maps = (old: old?.maps ?? [], new: new?.maps ?? [])
        newMaps += maps.new.filter { !maps.old.contains($0) }
        oldMaps += maps.old.filter { !maps.new.contains($0) }
    }

    private struct ElementID: Hashable {
        let set: Layout.SetName
        let key: RegisterBytes
    }

    private mutating func replaceElements(
        _ old: [(set: Layout.SetName, element: SetElement)], with new: [(set: Layout.SetName, element: SetElement)]
    ) {
        guard !old.isEmpty else {
            for (set, element) in new { additions[set, default: []].append(element) }
            return
        }
        var leftOver = Dictionary(
            old.map { (ElementID(set: $0.set, key: $0.element.key), $0.element) }, uniquingKeysWith: { $1 })
        for (set, element) in new {
            let before = leftOver.removeValue(forKey: ElementID(set: set, key: element.key))
            guard before != element else { continue }
            if let before { removals[set, default: []].append(before) }
            additions[set, default: []].append(element)
        }
        for (id, element) in leftOver { removals[id.set, default: []].append(element) }
    }

    /// A chain that keeps its name but not its rules is needed anew and released once: its users stay the same.
    private mutating func replaceChains(_ old: [TableChain], with new: [TableChain]) {
        newChains += new.filter { !old.contains($0) }
        oldChains += old.filter { !new.contains($0) }
    }
}

/// Clients of endpoints that are gone lose their affinity in this map.
struct AffinityEviction: Sendable, Hashable {
    enum Gone: Sendable, Hashable {
        case these(Set<RegisterBytes>)
        /// For want of a past to compare with.
        case allBut(Set<RegisterBytes>)
    }

    let map: String
    let gone: Gone

    func concerns(_ endpoint: RegisterBytes) -> Bool {
        switch gone {
        case .these(let gone): gone.contains(endpoint)
        case .allBut(let serving): !serving.contains(endpoint)
        }
    }

    /// What a start takes from the affinity maps that it finds.
    static func evictions(_ port: ServicePort) -> [AffinityEviction] {
        guard port.affinityTimeout != nil else { return [] }
        return AffinityScope.allCases.map { scope in
            AffinityEviction(
                map: port.affinityMap(scope),
                gone: .allBut(Set(port.endpoints(scope).endpoints.map(RegisterBytes.init))))
        }
    }

    /// What a change of endpoints takes from the affinity maps that stay.
    static func evictions(_ change: ServicePortChange) -> [AffinityEviction] {
        guard let old = change.old, let new = change.new, old.affinityTimeout != nil, new.affinityTimeout != nil
        else { return [] }
        return AffinityScope.allCases.compactMap { scope in
            let gone = Set(old.endpoints(scope).endpoints).subtracting(new.endpoints(scope).endpoints)
            guard !gone.isEmpty else { return nil }
            return AffinityEviction(map: new.affinityMap(scope), gone: .these(Set(gone.map(RegisterBytes.init))))
        }
    }
}

extension ServicePort {
    func endpoints(_ scope: AffinityScope) -> EndpointSet {
        switch scope {
        case .cluster: clusterEndpoints
        case .internal: internalEndpoints
        case .local: localEndpoints
        }
    }

    func affinityMap(_ scope: AffinityScope) -> String { "affinity\(scope.infix)-\(name.chainSuffix)" }
}
