extension IPAddress: LosslessStringConvertible {
    /// Parses a dotted quad (RFC 6943: no leading zeros) or an RFC 4291 section 2.2 IPv6 text. No zone, no port.
    public init?(_ text: some StringProtocol) {
        var copy = String(text)
        let parsed = copy.withUTF8 { bytes in
            bytes.contains(UInt8(ascii: ":")) ? Self.parseIPv6(bytes[...]) : Self.parseIPv4(bytes[...])
        }
        guard let parsed else { return nil }
        self = parsed
    }

    public init?(_ description: String) { self.init(description[...]) }

    private typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

    private static func parseIPv4(_ bytes: Bytes) -> IPAddress? {
        var value: UInt32 = 0
        var octets = 0
        var digits = 0
        var octet: UInt32 = 0
        for byte in bytes {
            if byte == UInt8(ascii: ".") {
                guard digits > 0, octets < 3 else { return nil }
                (value, octets, digits, octet) = (value << 8 | octet, octets + 1, 0, 0)
                continue
            }
            guard byte >= 0x30, byte <= 0x39, digits == 0 || octet > 0 else { return nil }
            octet = octet * 10 + UInt32(byte - 0x30)
            digits += 1
            guard octet <= 255 else { return nil }
        }
        guard digits > 0, octets == 3 else { return nil }
        return IPAddress(v4: value << 8 | octet)
    }

    /// Splits at "::" and reads the groups on either side.
    private static func parseIPv6(_ bytes: Bytes) -> IPAddress? {
        let colon = UInt8(ascii: ":")
        var gap: Int?
        var index = bytes.startIndex
        while index + 1 < bytes.endIndex {
            if bytes[index] == colon, bytes[index + 1] == colon {
                guard gap == nil else { return nil }
                gap = index
            }
            index += 1
        }
        guard let gap else {
            guard let groups = parseGroups(bytes), groups.count == 8 else { return nil }
            return IPAddress(groups: groups)
        }
        guard let head = parseGroups(bytes[..<gap], lastMayBeIPv4: false), let tail = parseGroups(bytes[(gap + 2)...]),
            head.count + tail.count < 8
        else { return nil }
        return IPAddress(groups: head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    private static func parseGroups(_ bytes: Bytes, lastMayBeIPv4: Bool = true) -> [UInt16]? {
        guard !bytes.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        for (position, part) in parts.enumerated() {
            if part.contains(UInt8(ascii: ".")) {
                guard lastMayBeIPv4, position == parts.count - 1, let quad = parseIPv4(part) else { return nil }
                groups += [UInt16(quad.v4 >> 16), UInt16(truncatingIfNeeded: quad.v4)]
                continue
            }
            guard (1...4).contains(part.count) else { return nil }
            var group: UInt16 = 0
            for byte in part {
                guard let digit = hexDigit(byte) else { return nil }
                group = group << 4 | digit
            }
            groups.append(group)
        }
        return groups.count <= 8 ? groups : nil
    }

    private static func hexDigit(_ byte: UInt8) -> UInt16? {
        switch byte {
        case 0x30...0x39: UInt16(byte - 0x30)
        case 0x61...0x66: UInt16(byte - 0x61 + 10)
        case 0x41...0x46: UInt16(byte - 0x41 + 10)
        default: nil
        }
    }

    private init(groups: [UInt16]) {
        self.init(
            high: groups[..<4].reduce(0) { $0 << 16 | UInt64($1) },
            low: groups[4...].reduce(0) { $0 << 16 | UInt64($1) })
    }

    /// The canonical text: dotted quad, or RFC 5952.
    public var description: String {
        if family == .ipv4 {
            return "\(v4 >> 24).\(v4 >> 16 & 255).\(v4 >> 8 & 255).\(v4 & 255)"
        }
        let groups = (0..<8).map { index -> UInt16 in
            let half = index < 4 ? high : low
            return UInt16(truncatingIfNeeded: half >> (48 - 16 * UInt64(index % 4)))
        }
        func hex(_ groups: ArraySlice<UInt16>) -> String {
            groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard let zeros = Self.longestZeroRun(groups) else { return hex(groups[...]) }
        return hex(groups[..<zeros.lowerBound]) + "::" + hex(groups[zeros.upperBound...])
    }

    /// The first longest run of at least two zero groups (RFC 5952 section 4.2).
    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var start: Int?
        for index in 0...groups.count {
            if index < groups.count, groups[index] == 0 {
                start = start ?? index
            } else if let begin = start {
                if index - begin >= 2, index - begin > (best?.count ?? 0) { best = begin..<index }
                start = nil
            }
        }
        return best
    }
}
