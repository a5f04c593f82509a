import NetTypes
import ProxyCore

/// A consistent table after Maglev (NSDI 2016, section 3.4): endpoints take slots in turn, each by its own order of
/// preference, so that shares are even and a lost endpoint moves hardly anything but its own slots.
enum HashSlots {
    /// Small, since every slot is an instruction in a rule; changes only at these numbers of endpoints.
    static func size(for count: Int) -> Int { count <= 25 ? 251 : count <= 100 ? 1021 : 4093 }

    /// The slots of each endpoint, ascending.
    static func slots(for set: EndpointSet) -> [[Int]] {
        let size = size(for: set.count)
        let heaviest = Int(set.weights.max() ?? 1)
        let orders = set.endpoints.map { preferences($0, size) }
        var next = Array(repeating: 0, count: set.count)
        var credit = next
        var isTaken = Array(repeating: false, count: size)
        var slots = Array(repeating: [Int](), count: set.count)
        var left = set.isEmpty ? 0 : size
        while left > 0 {
            for index in slots.indices where left > 0 {
                credit[index] += set.weights.isEmpty ? heaviest : Int(set.weights[index])
                guard credit[index] >= heaviest else { continue }
                credit[index] -= heaviest
                while isTaken[orders[index][next[index]]] { next[index] += 1 }
                let slot = orders[index][next[index]]
                isTaken[slot] = true
                slots[index].append(slot)
                left -= 1
            }
        }
        return slots.map { $0.sorted() }
    }

    /// All slots in an order that depends on the endpoint alone, the same on every node.
    private static func preferences(_ endpoint: AddressPort, _ size: Int) -> [Int] {
        let seed = scatter(scatter(endpoint.address.high) ^ endpoint.address.low) ^ UInt64(endpoint.port)
        return (0..<size).map { (scatter(seed &+ UInt64($0)), $0) }.sorted { $0 < $1 }.map(\.1)
    }

    /// MurmurHash3's 64-bit finaliser.
    private static func scatter(_ value: UInt64) -> UInt64 {
        var bits = value &+ 1
        for factor: UInt64 in [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53] { bits = (bits ^ bits >> 33) &* factor }
        return bits ^ bits >> 33
    }
}
