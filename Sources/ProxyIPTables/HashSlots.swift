import NetTypes
import ProxyCore

/// The slots of a rule's hash, shared so that a lost endpoint moves hardly anything but its own.
enum HashSlots {
    /// Small, since every slot is an instruction in a rule; changes only at these numbers of endpoints.
    static func size(for count: Int) -> Int { count <= 25 ? 251 : count <= 100 ? 1021 : 4093 }

    /// The slots of each endpoint, ascending.
    static func slots(for set: EndpointSet) -> [[Int]] {
        let size = size(for: set.count)
        let orders = set.endpoints.map { preferences($0, size) }
        var turns = Array(repeating: 0, count: set.count)
        var slots = Array(repeating: [Int](), count: set.count)
        let owners = SlotShares.owners(of: size, among: set) { index in
            defer { turns[index] += 1 }
            return orders[index][turns[index]]
        }
        for (slot, owner) in owners.enumerated() { slots[owner].append(slot) }
        return slots
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
