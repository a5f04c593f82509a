/// SHA-256 (FIPS 180-4), for chain names that are those of kube-proxy.
enum SHA256 {
    static func digest(_ text: String) -> [UInt8] {
        var message = Array(text.utf8)
        let bits = UInt64(message.count) * 8
        message.append(0x80)
        while message.count % 64 != 56 { message.append(0) }
        for shift in stride(from: 56, through: 0, by: -8) { message.append(UInt8(truncatingIfNeeded: bits >> shift)) }
        var state = initial
        for block in stride(from: 0, to: message.count, by: 64) { compress(message[block..<block + 64], into: &state) }
        return state.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) } }
    }

    private static func compress(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
        var w = [UInt32](repeating: 0, count: 64)
        for i in 0..<16 {
            w[i] = block[(block.startIndex + i * 4)..<(block.startIndex + i * 4 + 4)].reduce(0) { $0 << 8 | UInt32($1) }
        }
        for i in 16..<64 {
            let s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ (w[i - 15] >> 3)
            let s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ (w[i - 2] >> 10)
            w[i] = w[i - 16] &+ s0 &+ w[i - 7] &+ s1
        }
        var v = state
        for i in 0..<64 {
            let s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)
            let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
            let t1 = v[7] &+ s1 &+ choice &+ constants[i] &+ w[i]
            let s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)
            let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
            for j in stride(from: 7, to: 0, by: -1) { v[j] = v[j - 1] }
            v[0] = t1 &+ s0 &+ majority
            v[4] = v[4] &+ t1
        }
        for i in 0..<8 { state[i] = state[i] &+ v[i] }
    }

    private static func rotate(_ value: UInt32, _ count: UInt32) -> UInt32 { value >> count | value << (32 - count) }

    private static let primes: [UInt64] = {
        var found: [UInt64] = []
        var number: UInt64 = 2
        while found.count < 64 {
            if found.allSatisfy({ number % $0 != 0 }) { found.append(number) }
            number += 1
        }
        return found
    }()

    /// The first 32 bits of the fractions of the square roots of the first eight primes.
    private static let initial: [UInt32] = primes.prefix(8).map { fraction(of: $0, power: 2) }
    /// The same of the cube roots of the first 64.
    private static let constants: [UInt32] = primes.map { fraction(of: $0, power: 3) }

    /// The largest x with (x / 2^32)^power ≤ prime, without its whole part.
    private static func fraction(of prime: UInt64, power: Int) -> UInt32 {
        var root: UInt64 = 0
        for bit in stride(from: UInt64(36), through: 0, by: -1) {
            let candidate = root | 1 << bit
            let isBelow =
                power == 2
                ? product([candidate, candidate], isAtMost: prime, shift: 64)
                : product([candidate, candidate, candidate], isAtMost: prime, shift: 96)
            if isBelow { root = candidate }
        }
        return UInt32(truncatingIfNeeded: root)
    }

    /// Whether the product of the factors is at most `limit << shift`; 32-bit limbs, least significant first.
    private static func product(_ factors: [UInt64], isAtMost limit: UInt64, shift: Int) -> Bool {
        var limbs: [UInt64] = [1, 0, 0, 0, 0, 0]
        for factor in factors {
            var next = [UInt64](repeating: 0, count: 6)
            for (offset, part) in [factor & 0xffff_ffff, factor >> 32].enumerated() {
                var carry: UInt64 = 0
                for i in 0..<(6 - offset) {
                    let sum = limbs[i] * part + next[i + offset] + carry
                    next[i + offset] = sum & 0xffff_ffff
                    carry = sum >> 32
                }
            }
            limbs = next
        }
        var bound = [UInt64](repeating: 0, count: 6)
        bound[shift / 32] = limit
        for i in stride(from: 5, through: 0, by: -1) where limbs[i] != bound[i] { return limbs[i] < bound[i] }
        return true
    }
}
