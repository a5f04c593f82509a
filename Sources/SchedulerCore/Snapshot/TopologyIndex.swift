/// The domain of each node by topology key, as small numbers.
struct TopologyIndex: Sendable {
    struct Domains: Sendable {
        /// Of each node's place; -1 for nodes without the label.
        fileprivate(set) var ofNode: [Int32] = []
        /// Numbers are never given anew while the key is indexed.
        fileprivate var numbers: [String: Int32] = [:]

        /// How many numbers were given.
        var count: Int { numbers.count }

        func at(_ place: Int) -> Int { Int(ofNode[place]) }

        fileprivate mutating func set(_ value: String?, at place: Int) {
            if place >= ofNode.count {
                ofNode.append(contentsOf: repeatElement(-1, count: place + 1 - ofNode.count))
            }
            guard let value else {
                ofNode[place] = -1
                return
            }
            if let number = numbers[value] {
                ofNode[place] = number
            } else {
                let number = Int32(truncatingIfNeeded: numbers.count)
                numbers[value] = number
                ofNode[place] = number
            }
        }
    }

    private var keys: [String: Domains] = [:]

    func domains(_ key: String) -> Domains? { keys[key] }

    /// Begins to index a key.
    mutating func index(_ key: String, of nodes: [NodeInfo]) {
        guard keys[key] == nil else { return }
        var domains = Domains()
        for (place, info) in nodes.enumerated() { domains.set(info.node.labels[key], at: place) }
        keys[key] = domains
    }

    /// Takes in a node that is new or changed at its place.
    mutating func set(_ node: NodeDescription, at place: Int, of nodes: [NodeInfo]) {
        for key in Array(keys.keys) {
            keys[key]?.set(node.labels[key], at: place)
            // Values that came and went: hostnames of nodes that are gone.
            if let domains = keys[key], domains.count > 2 * domains.ofNode.count + 64 {
                keys[key] = nil
                index(key, of: nodes)
            }
        }
    }
}

/// How many pods stand in each domain of a topology key.
struct DomainCounts: Sendable {
    let domains: TopologyIndex.Domains
    private(set) var counts: [Int64]
    /// No pod was counted in any domain.
    var isEmpty: Bool { total == 0 }
    private var total: Int64 = 0

    init(_ domains: TopologyIndex.Domains) {
        self.domains = domains
        counts = Array(repeating: 0, count: domains.count)
    }

    mutating func add(_ change: Int64, at place: Int) {
        let domain = domains.at(place)
        guard domain >= 0 else { return }
        counts[domain] = counts[domain].addingClamped(change)
        total = total.addingClamped(change)
    }

    mutating func add(_ pods: NodeCounts, times factor: Int64 = 1) {
        for (place, count) in pods { add(factor.multipliedClamped(by: Int64(count)), at: Int(place)) }
    }

    /// nil for a node without the label.
    func count(at place: Int) -> Int64? {
        let domain = domains.at(place)
        return domain >= 0 ? counts[domain] : nil
    }
}

/// Numbers of pods by the place of their node; zeros are left out.
typealias NodeCounts = [Int32: Int32]

extension NodeCounts {
    mutating func change(_ place: Int, by change: Int32) {
        let place = Int32(truncatingIfNeeded: place)
        let count = self[place, default: 0] + change
        self[place] = count == 0 ? nil : count
    }
}
