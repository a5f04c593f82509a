import NetTypes
import ProxyCore

/// Which endpoint a new connection goes to. Pure: the turn, the client and a random number are arguments.
struct EndpointPick: Sendable {
    let set: EndpointSet
    let algorithm: BalanceAlgorithm
    /// The running sums of the weights; empty when all weigh the same.
    private let sums: [UInt32]

    init(_ set: EndpointSet, _ algorithm: BalanceAlgorithm) {
        self.set = set
        self.algorithm = algorithm
        var sum: UInt32 = 0
        sums = set.weights.map {
            sum += UInt32($0)
            return sum
        }
    }

    /// What a choice depends on beside the endpoints.
    struct Client {
        let source: AddressPort
        /// Counts the connections of the frontend.
        let turn: UInt32
        let random: UInt32
    }

    /// The index of an endpoint that `isUsable` admits; one that it does not when there is no other; nil when empty.
    func choose(_ client: Client, _ isUsable: (AddressPort) -> Bool) -> Int? {
        guard let first = favourite(client, { _ in true }) else { return nil }
        if isUsable(set.endpoints[first]) { return first }
        switch algorithm {
        case .sourceHash, .maglev:
            return favourite(client, isUsable) ?? first
        default:
            let count = set.count
            for step in 1..<max(2, count) where isUsable(set.endpoints[(first + step) % count]) {
                return (first + step) % count
            }
            return first
        }
    }

    private func favourite(_ client: Client, _ isUsable: (AddressPort) -> Bool) -> Int? {
        guard !set.isEmpty else { return nil }
        switch algorithm {
        case .random: return slot(Self.scaled(client.random, total))
        case .roundRobin: return slot(client.turn % total)
        case .sourceHash: return rendezvous(AddressPort(client.source.address, 0), isUsable)
        case .maglev: return rendezvous(client.source, isUsable)
        }
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
    private func rendezvous(_ client: AddressPort, _ isUsable: (AddressPort) -> Bool) -> Int? {
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
