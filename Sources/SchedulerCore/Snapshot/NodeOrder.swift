/// In which order nodes are looked at: by zone in turn, by name within a zone. Made anew after nodes changed.
struct NodeOrder: Sendable {
    private var ordered: [Int]?

    mutating func invalidate() { ordered = nil }

    mutating func places(_ places: [String: Int], _ nodes: [NodeInfo]) -> [Int] {
        if let ordered { return ordered }
        var zones: [[String]: [Int]] = [:]
        for place in places.values { zones[nodes[place].node.zone, default: []].append(place) }
        let sorted = zones.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { $0.value.sorted { nodes[$0].name < nodes[$1].name } }
        var result: [Int] = []
        result.reserveCapacity(places.count)
        for turn in 0..<(sorted.map(\.count).max() ?? 0) {
            for zone in sorted where turn < zone.count { result.append(zone[turn]) }
        }
        ordered = result
        return result
    }
}
