import NetTypes

/// Slots that are shared by consistent hashing: of a map, or of a table in memory.
public enum MaglevTable {
    /// Prime, and at least a hundred times the number of endpoints up to 160 of them (the paper's ratio for a
    /// disruption near one percent). It must not change with the number of endpoints: every flow would move.
    public static let size = 16381
    /// For more endpoints than `size` serves well.
    public static let largeSize = 131_071

    /// Which endpoint has each slot, by its place in the set; empty for no endpoints.
    public static func owners(among set: EndpointSet) -> [Int] {
        let size = set.count <= 160 ? size : largeSize
        var walks = set.endpoints.map { Walk($0, size: size) }
        return SlotShares.owners(of: size, among: set) { walks[$0].next() }
    }

    /// The endpoint of each slot.
    public static func slots(for set: EndpointSet) -> [AddressPort] { owners(among: set).map { set.endpoints[$0] } }

    /// An endpoint's permutation of 0..<size.
    private struct Walk {
        private var position: Int
        private let skip: Int
        private let size: Int

        init(_ endpoint: AddressPort, size: Int) {
            self.size = size
            position = Int(StableHash.of(endpoint, seed: 1) % UInt64(size))
            skip = Int(StableHash.of(endpoint, seed: 2) % UInt64(size - 1)) + 1
        }

        mutating func next() -> Int {
            defer { position = (position + skip) % size }
            return position
        }
    }
}

/// Hashes that are the same in every process and on every node, unlike Swift's.
public enum StableHash {
    public static func of(_ endpoint: AddressPort, seed: UInt64) -> UInt64 {
        var hash = mix(seed &+ 0x9e37_79b9_7f4a_7c15)
        hash = mix(hash ^ endpoint.address.high)
        hash = mix(hash ^ endpoint.address.low)
        return mix(hash ^ UInt64(endpoint.port))
    }

    /// Eight letters of base 32 (RFC 4648) from the FNV-1a hash of `text`: tells long names apart in chain names.
    public static func letters(_ text: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = mix(hash)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        return String((0..<8).map { alphabet[Int(hash >> (UInt64($0) * 5) & 31)] })
    }

    /// The finaliser of splitmix64: every input bit reaches every output bit.
    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
