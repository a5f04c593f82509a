import NetTypes
import ProxyCore

/// Which endpoint a new connection goes to. Pure: the turn, the client and a random number are arguments.
struct EndpointPick: Sendable {
    let set: EndpointSet
    let algorithm: BalanceAlgorithm
    /// The running sums of the weights; empty when all weigh the same.
    private let sums: [UInt32]
    /// Which endpoint has each slot of Maglev's table; empty for the other algorithms.
    private let owners: [UInt32]

    init(_ set: EndpointSet, _ algorithm: BalanceAlgorithm) {
        self.set = set
        self.algorithm = algorithm
        var sum: UInt32 = 0
        sums = set.weights.map {
            sum += UInt32($0)
            return sum
        }
        owners = algorithm == .maglev ? MaglevTable.owners(among: set).map { UInt32($0) } : []
    }

    /// What a choice depends on beside the endpoints.
    struct Client {
        let source: AddressPort
        /// Counts the connections of the frontend.
        let turn: UInt32
        let random: UInt32
    }

    /// The index of an endpoint that `isUsable` admits; one that it does not when there is no other; nil when empty.
    /// `load`: how many connections an endpoint has.
    func choose(
        _ client: Client, load: (AddressPort) -> Int = { _ in 0 }, _ isUsable: (AddressPort) -> Bool
    ) -> Int? {
        guard !set.isEmpty else { return nil }
        switch algorithm {
        case .random: return next(from: slot(Self.scaled(client.random, total)), isUsable)
        case .roundRobin: return next(from: slot(client.turn % total), isUsable)
        case .leastConnections:
            let turn = slot(client.turn % total)
            return least(from: turn, load, isUsable) ?? least(from: turn, load) { _ in true }
        case .sourceHash: return rendezvous(AddressPort(client.source.address, 0), isUsable)
        case .maglev: return owner(of: client.source, isUsable)
        }
    }

    /// `first`, or the next one that is usable, or `first` after all.
    private func next(from first: Int, _ isUsable: (AddressPort) -> Bool) -> Int {
        (0..<set.count).lazy.map { (first + $0) % set.count }.first { isUsable(set.endpoints[$0]) } ?? first
    }

    /// The one with the fewest connections for its weight; among equals the first from `turn` on.
    private func least(from turn: Int, _ load: (AddressPort) -> Int, _ isUsable: (AddressPort) -> Bool) -> Int? {
        var best: (index: Int, load: Int, weight: Int)?
        for step in 0..<set.count {
            let index = (turn + step) % set.count
            let endpoint = set.endpoints[index]
            guard isUsable(endpoint) else { continue }
            let one = (index: index, load: load(endpoint), weight: sums.isEmpty ? 1 : Int(set.weights[index]))
            if let best, one.load * best.weight >= best.load * one.weight { continue }
            best = one
        }
        return best?.index
    }

    /// Of the slot that the client's address and port lead to, or of the next one with a usable endpoint.
    private func owner(of client: AddressPort, _ isUsable: (AddressPort) -> Bool) -> Int {
        let start = Int(StableHash.of(client, seed: 3) % UInt64(owners.count))
        let usable = owners.indices.lazy.map { Int(owners[(start + $0) % owners.count]) }.first {
            isUsable(set.endpoints[$0])
        }
        return usable ?? Int(owners[start])
    }

    private func rendezvous(_ client: AddressPort, _ isUsable: (AddressPort) -> Bool) -> Int? {
        highest(client, isUsable) ?? highest(client) { _ in true }
    }

    private var total: UInt32 { sums.last ?? UInt32(set.count) }

    /// The endpoint that owns a slot: each has as many as it weighs.
    private func slot(_ slot: UInt32) -> Int {
        guard !sums.isEmpty else { return Int(slot) }
        var low = 0
        var high = sums.count - 1
        while low < high {
            let middle = (low + high) / 2
            if sums[middle] > slot { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private static func scaled(_ random: UInt32, _ total: UInt32) -> UInt32 {
        UInt32(truncatingIfNeeded: (UInt64(random) * UInt64(total)) >> 32)
    }

    /// Highest random weight (Thaler and Ravishankar, 1998): when an endpoint comes or goes, only its own clients move.
    private func highest(_ client: AddressPort, _ isUsable: (AddressPort) -> Bool) -> Int? {
        let seed = Self.mix(Self.mix(client.address.high ^ Self.mix(client.address.low)) ^ UInt64(client.port))
        var best: (index: Int, score: Double)?
        for (index, endpoint) in set.endpoints.enumerated() where isUsable(endpoint) {
            let hash = Self.mix(
                Self.mix(Self.mix(seed ^ endpoint.address.high) ^ endpoint.address.low) ^ UInt64(endpoint.port))
            let unit = (Double(hash >> 11) + 0.5) / Double(1 << 53)
            // weight / -ln(unit) has each endpoint win its share; equal weights need no logarithm.
            let score = sums.isEmpty ? unit : Double(set.weights[index]) / -logarithm(unit)
            if score > best?.score ?? -1 { best = (index, score) }
        }
        return best?.index
    }

    /// The finaliser of splitmix64.
    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9e37_79b9_7f4a_7c15
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// The natural logarithm of a number in (0, 1): exponent, and a series in (m-1)/(m+1) for the significand.
    private func logarithm(_ value: Double) -> Double {
        let ratio = (value.significand - 1) / (value.significand + 1)
        let square = ratio * ratio
        var term = ratio
        var sum = 0.0
        for divisor in stride(from: 1.0, through: 21.0, by: 2) {
            sum += term / divisor
            term *= square
        }
        return Double(value.exponent) * 0.693_147_180_559_945_3 + 2 * sum
    }
}
