/// One 512-byte header of a tar archive (POSIX.1-2017 pax, ustar; GNU's base-256 numbers), decoded without its extensions.
struct TarHeader: Equatable {
    static let length = 512

    var path: [UInt8]
    var mode: UInt32
    var user: UInt32
    var group: UInt32
    var size: Int64
    /// Seconds since 1970.
    var modified: Int64
    var type: UInt8
    var linkTarget: [UInt8]
    var deviceMajor: UInt32
    var deviceMinor: UInt32

    /// Nil when it is no header: the checksum is wrong, or a number is none or does not fit.
    init?(_ block: UnsafeRawBufferPointer) {
        guard block.count == Self.length, Self.checksumFits(block),
            let mode = Self.number(block[100..<108]), let user = Self.number(block[108..<116]),
            let group = Self.number(block[116..<124]), let size = Self.number(block[124..<136]),
            let modified = Self.number(block[136..<148]), size >= 0,
            let deviceMajor = Self.number(block[329..<337]), let deviceMinor = Self.number(block[337..<345])
        else { return nil }
        let isUstar = block[257..<262].elementsEqual("ustar".utf8)
        let prefix = isUstar && block[262] == 0 ? Self.text(block[345..<500]) : []
        let name = Self.text(block[0..<100])
        path = prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
        self.mode = UInt32(truncatingIfNeeded: mode) & 0o7777
        guard let user = UInt32(exactly: user), let group = UInt32(exactly: group) else { return nil }
        self.user = user
        self.group = group
        self.size = size
        self.modified = modified
        type = block[156]
        linkTarget = Self.text(block[157..<257])
        // Formats older than ustar have no devices there.
        self.deviceMajor = isUstar ? UInt32(truncatingIfNeeded: deviceMajor) : 0
        self.deviceMinor = isUstar ? UInt32(truncatingIfNeeded: deviceMinor) : 0
    }

    static func isZero(_ block: UnsafeRawBufferPointer) -> Bool { block.allSatisfy { $0 == 0 } }

    private static func text(_ field: Slice<UnsafeRawBufferPointer>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }

    /// Octal digits between spaces and zeros, or two's complement after a byte with the highest bit set. Empty is 0.
    static func number(_ field: Slice<UnsafeRawBufferPointer>) -> Int64? {
        if let first = field.first, first & 0x80 != 0 {
            // Bit 6 is the sign; what does not fit in 64 bits must repeat it.
            let filler: UInt8 = first & 0x40 != 0 ? 0xff : 0
            let bytes = [first & 0x40 != 0 ? first : first & 0x7f] + field.dropFirst()
            guard bytes.dropLast(8).allSatisfy({ $0 == filler }) else { return nil }
            let value = bytes.suffix(8).reduce(filler == 0 ? UInt64(0) : .max) { $0 << 8 | UInt64($1) }
            let signed = Int64(bitPattern: value)
            return (signed < 0) == (filler != 0) ? signed : nil
        }
        var value: Int64 = 0
        var isPastDigits = false
        var hasDigits = false
        for byte in field {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "7") where !isPastDigits:
                guard value >> 59 == 0 else { return nil }
                value = value << 3 | Int64(byte - UInt8(ascii: "0"))
                hasDigits = true
            case 0, UInt8(ascii: " "): isPastDigits = hasDigits
            default: return nil
            }
        }
        return value
    }

    /// The sum of all bytes with the field itself as spaces; old programs added them as signed.
    private static func checksumFits(_ block: UnsafeRawBufferPointer) -> Bool {
        let field = 148..<156
        guard let wanted = number(block[field]) else { return false }
        var unsigned: Int64 = 0
        var signed: Int64 = 0
        for (index, byte) in block.enumerated() {
            let byte = field.contains(index) ? UInt8(ascii: " ") : byte
            unsigned += Int64(byte)
            signed += Int64(Int8(bitPattern: byte))
        }
        return wanted == unsigned || wanted == signed
    }
}
