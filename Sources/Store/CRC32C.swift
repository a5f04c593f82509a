import StoreCore

/// The Castagnoli checksum (RFC 3720, appendix B.4).
struct CRC32C {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0x82f6_3b78 : sum >> 1 }
    }

    private var state: UInt32 = .max

    var value: UInt32 { ~state }

    mutating func add(_ bytes: Bytes) {
        state = bytes.withUnsafeBufferPointer { Self.sum(state, $0) }
    }

    mutating func add(_ number: Int64) {
        state = withUnsafeBytes(of: number.littleEndian) { Self.sum(state, $0.bindMemory(to: UInt8.self)) }
    }

    private static func sum(_ start: UInt32, _ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            bytes.reduce(start) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
        }
    }

    mutating func add(_ keyValue: KeyValue) {
        add(Int64(keyValue.key.count))
        add(keyValue.key)
        add(Int64(keyValue.value.count))
        add(keyValue.value)
        for number in [keyValue.createRevision, keyValue.modRevision, keyValue.version, keyValue.lease] { add(number) }
    }
}
