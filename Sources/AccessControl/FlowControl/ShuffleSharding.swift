/// Deals a flow a small hand of a level's queues, so that a flow which fills its queues leaves others some free ones
/// (KEP-1040).
enum ShuffleSharding {
    /// `handSize` distinct numbers below `deckSize`, the same ones for the same hash.
    static func hand(hash: UInt64, deckSize: Int, handSize: Int) -> [Int] {
        var hash = hash
        var hand: [Int] = []
        for dealt in 0..<min(handSize, deckSize) {
            let (quotient, remainder) = hash.quotientAndRemainder(dividingBy: UInt64(deckSize - dealt))
            hash = quotient
            // The remainder counts the cards that are left.
            var card = Int(remainder)
            for earlier in hand.sorted() where earlier <= card { card += 1 }
            hand.append(card)
        }
        return hand
    }

    /// FNV-1a, 64 bits, over the parts with a zero byte between them.
    static func hash(_ parts: String...) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in parts {
            for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = hash &* 0x100_0000_01B3
        }
        // FNV's upper bits are weak for short texts.
        hash ^= hash >> 32
        return hash &* 0x9E37_79B9_7F4A_7C15
    }
}
