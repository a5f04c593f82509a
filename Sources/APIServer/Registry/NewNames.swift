/// What the server chooses at random.
enum NewNames {
    /// Without vowels and without digits that look like letters (apimachinery's rand).
    private static let letters = Array("bcdfghjklmnpqrstvwxz2456789".utf8)

    /// metadata.name for a generateName; the base is cut so that the name fits in 63 bytes.
    static func name(_ base: String) -> String {
        let cut = String(decoding: base.utf8.prefix(58), as: UTF8.self)
        let suffix = (0..<5).compactMap { _ in letters.randomElement() }
        return cut + String(decoding: suffix, as: UTF8.self)
    }

    /// RFC 9562, version 4.
    static func uid() -> String {
        var random = SystemRandomNumberGenerator()
        let high = random.next() & ~0xf000 | 0x4000
        let low = random.next() & ~(3 << 62) | (2 << 62)
        let digits = Array((hex(high) + hex(low)).utf8)
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(decoding: digits[$0], as: UTF8.self) }
            .joined(separator: "-")
    }

    private static func hex(_ number: UInt64) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }
}
