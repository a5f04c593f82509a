/// Of a document, for its ETag. FNV-1a, twice: enough to notice a change.
enum Fingerprint {
    static func text(_ bytes: [UInt8]) -> String {
        var (a, b): (UInt64, UInt64) = (0xcbf2_9ce4_8422_2325, 0x8422_2325_cbf2_9ce4)
        for byte in bytes {
            a = (a ^ UInt64(byte)) &* 0x100_0000_01b3
            b = (b ^ UInt64(byte) ^ 0x5a) &* 0x100_0000_01b3
        }
        return (String(a, radix: 16) + String(b, radix: 16)).uppercased()
    }
}
