import NetTypes
import ProxyCore

/// The endpoints of a load balancer laid out in numbered slots; a rule picks a slot, a map gives its endpoint.
///
/// The layout depends on the endpoints and the algorithm alone, so that every order of events ends in the same table.
struct SlotTable: Hashable, Sendable {
    /// What slot i holds. Slots are dense: 0..<slots.count.
    let slots: [AddressPort]
    let pick: Pick

    init(_ set: EndpointSet, _ algorithm: BalanceAlgorithm) {
        switch algorithm {
        case .random, .leastConnections:
            slots = Self.expanded(set)
            pick = .random(capacity: Self.powerOfTwo(atLeast: slots.count))
        case .sourceHash:
            slots = Self.expanded(set)
            pick = .sourceHash(count: UInt32(slots.count))
        case .roundRobin:
            slots = set.weights.isEmpty ? set.endpoints : Self.interleaved(set)
            pick = .roundRobin(count: UInt32(slots.count))
        case .maglev:
            slots = MaglevTable.slots(for: set)
            pick = .maglev(size: UInt32(slots.count))
        }
    }

    /// How a rule arrives at a slot number.
    enum Pick: Hashable, Sendable {
        /// Slots 0..<capacity are tried at random until one is filled. `capacity` is a power of two less than twice
        /// the number of filled slots: it stays the same for most changes, so that the chain does too.
        case random(capacity: UInt32)
        case roundRobin(count: UInt32)
        case sourceHash(count: UInt32)
        case maglev(size: UInt32)
    }

    /// More slots than this are scaled down; 0.02 % is the finest share then.
    static let mostSlots = 4096

    /// Each endpoint as often as it weighs.
    private static func expanded(_ set: EndpointSet) -> [AddressPort] {
        guard !set.weights.isEmpty else { return set.endpoints }
        return zip(set.endpoints, shares(set.weights)).flatMap { Array(repeating: $0, count: $1) }
    }

    /// The smooth weighted sequence: endpoint i appears `share` times, spread as evenly as can be.
    private static func interleaved(_ set: EndpointSet) -> [AddressPort] {
        let shares = shares(set.weights)
        let total = shares.reduce(0, +)
        var credit = Array(repeating: 0, count: shares.count)
        return (0..<total).map { _ in
            var best = 0
            for index in shares.indices {
                credit[index] += shares[index]
                if credit[index] > credit[best] { best = index }
            }
            credit[best] -= total
            return set.endpoints[best]
        }
    }

    /// The weights themselves, or scaled down to `mostSlots` in all with at least one slot each.
    private static func shares(_ weights: [UInt16]) -> [Int] {
        let total = weights.reduce(0) { $0 + Int($1) }
        guard total > max(mostSlots, weights.count) else { return weights.map(Int.init) }
        return weights.map { max(1, Int($0) * mostSlots / total) }
    }

    private static func powerOfTwo(atLeast count: Int) -> UInt32 {
        count <= 1 ? 1 : 1 << UInt32(Int.bitWidth - (count - 1).leadingZeroBitCount)
    }
}
