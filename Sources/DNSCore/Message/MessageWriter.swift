import NetTypes

/// Writes a message of at most `limit` bytes; a record that does not fit leaves no trace.
struct MessageWriter {
    private(set) var bytes: [UInt8] = []
    let limit: Int
    /// Where labels begin that later names may point to.
    private var labels: [Int] = []
    private static let mostLabels = 32

    init(limit: Int) {
        self.limit = limit
        bytes.reserveCapacity(min(limit, 512))
    }

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func number16(_ value: UInt16) {
        bytes.append(UInt8(value >> 8))
        bytes.append(UInt8(value & 0xff))
    }

    mutating func number32(_ value: UInt32) {
        number16(UInt16(value >> 16))
        number16(UInt16(value & 0xffff))
    }

    mutating func set16(_ value: Int, at position: Int) {
        bytes[position] = UInt8(value >> 8 & 0xff)
        bytes[position + 1] = UInt8(value & 0xff)
    }

    mutating func markTruncated() { bytes[2] |= Header.isTruncated }

    /// A name; its end points to an equal one before it.
    mutating func name(_ name: DomainName) {
        var start = 0
        while name.wire[start] > 0 {
            if let target = labels.first(where: { isEqual(at: $0, name.wire[start...]) }) {
                return number16(0xc000 | UInt16(target))
            }
            // A pointer has fourteen bits.
            if labels.count < Self.mostLabels, bytes.count < 0x4000 { labels.append(bytes.count) }
            let end = start + 1 + Int(name.wire[start])
            bytes += name.wire[start..<end]
            start = end
        }
        bytes.append(0)
    }

    /// Whether the name written at `position` is `other`, regardless of case.
    private func isEqual(at position: Int, _ other: ArraySlice<UInt8>) -> Bool {
        var position = position
        var index = other.startIndex
        while index < other.endIndex, position < bytes.count {
            while bytes[position] & 0xc0 == 0xc0 {
                position = Int(bytes[position] & 0x3f) << 8 | Int(bytes[position + 1])
            }
            let length = Int(bytes[position])
            guard Int(other[index]) == length else { return false }
            guard length > 0 else { return true }
            guard position + length < bytes.count else { return false }
            for offset in 1...length
            where DomainName.lowercase(bytes[position + offset]) != DomainName.lowercase(other[index + offset]) {
                return false
            }
            position += 1 + length
            index += 1 + length
        }
        return false
    }

    /// False when it does not fit with `reserve` bytes after it.
    mutating func record(_ record: ResourceRecord, reserve: Int) -> Bool {
        let (start, known) = (bytes.count, labels.count)
        name(record.name)
        number16(record.data.type.rawValue)
        number16(Header.internetClass)
        number32(record.ttl)
        let length = bytes.count
        number16(0)
        data(record.data)
        guard bytes.count + reserve <= limit else {
            bytes.removeLast(bytes.count - start)
            labels.removeLast(labels.count - known)
            return false
        }
        set16(bytes.count - length - 2, at: length)
        return true
    }

    private mutating func data(_ data: RecordData) {
        switch data {
        case .address(let address):
            if address.family == .ipv4 {
                number32(address.v4)
            } else {
                for word in [address.high, address.low] {
                    number32(UInt32(word >> 32))
                    number32(UInt32(truncatingIfNeeded: word))
                }
            }
        case .ns(let target), .cname(let target), .ptr(let target): name(target)
        case .mx(let preference, let target):
            number16(preference)
            name(target)
        case .soa(let soa):
            name(soa.primary)
            name(soa.mailbox)
            for number in [soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum] { number32(number) }
        case .txt(let text):
            byte(UInt8(min(text.count, 255)))
            bytes += text.prefix(255)
        case .srv(let location):
            number16(location.priority)
            number16(location.weight)
            number16(location.port)
            // RFC 2782: the target is not compressed.
            bytes += location.target.wire
        case .opaque(_, let content): bytes += content
        }
    }
}
