/// Standard base64 with padding (RFC 4648 section 4), as Go reads it: line ends count for nothing.
public enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    /// 64 for a byte that is no digit.
    private static let digits: [UInt8] = {
        var digits = [UInt8](repeating: 64, count: 256)
        for (value, byte) in alphabet.enumerated() { digits[Int(byte)] = UInt8(value) }
        return digits
    }()

    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        let size = (bytes.count + 2) / 3 * 4
        return String(unsafeUninitializedCapacity: size) { text in
            var (group, filled, position) = (UInt32(0), 0, 0)
            func write(_ count: Int) {
                for digit in 0..<4 {
                    text[position] =
                        digit < count ? alphabet[Int(group >> UInt32(18 - digit * 6) & 63)] : UInt8(ascii: "=")
                    position += 1
                }
            }
            for byte in bytes {
                group |= UInt32(byte) << UInt32(16 - filled * 8)
                filled += 1
                if filled == 3 {
                    write(4)
                    (group, filled) = (0, 0)
                }
            }
            if filled > 0 { write(filled + 1) }
            return position
        }
    }

    public static func decode(_ text: String) throws(DecodingRefusal) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 4 * 3)
        var (group, filled, padding) = (UInt32(0), 0, 0)
        var offset = 0
        for byte in text.utf8 {
            defer { offset += 1 }
            if byte == 0x0A || byte == 0x0D { continue }
            if byte == UInt8(ascii: "=") {
                guard filled + padding >= 2, filled + padding < 4 else { throw illegal(at: offset) }
                padding += 1
                continue
            }
            let digit = digits[Int(byte)]
            guard digit < 64, padding == 0 else { throw illegal(at: offset) }
            group = group << 6 | UInt32(digit)
            filled += 1
            if filled == 4 {
                bytes.append(contentsOf: [UInt8(group >> 16 & 255), UInt8(group >> 8 & 255), UInt8(group & 255)])
                (group, filled) = (0, 0)
            }
        }
        guard padding == 0 ? filled == 0 : filled + padding == 4 else { throw illegal(at: offset) }
        if filled == 2 { bytes.append(UInt8(group >> 4 & 255)) }
        if filled == 3 { bytes.append(contentsOf: [UInt8(group >> 10 & 255), UInt8(group >> 2 & 255)]) }
        return bytes
    }

    /// The text itself when it is already what Go would write.
    static func canonical(_ text: String) throws(DecodingRefusal) -> String {
        var (length, padding) = (0, 0)
        for byte in text.utf8 {
            length += 1
            if byte == UInt8(ascii: "=") {
                padding += 1
            } else if digits[Int(byte)] == 64 || padding > 0 {
                return encode(try decode(text))
            }
        }
        return padding == 0 && length % 4 == 0 ? text : encode(try decode(text))
    }

    private static func illegal(at offset: Int) -> DecodingRefusal {
        DecodingRefusal("illegal base64 data at input byte \(offset)")
    }
}
