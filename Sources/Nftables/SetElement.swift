import NetTypes

/// Up to 32 bytes as nf_tables registers hold them: each field padded to four bytes, no heap.
public struct RegisterBytes: Hashable, Sendable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    public private(set) var count: UInt8 = 0
    /// Bytes of a value that stands alone: nf_tables pads only concatenations. 0 for those.
    private var soleCount: UInt8 = 0

    public init() {}

    public static func == (a: RegisterBytes, b: RegisterBytes) -> Bool { a.count == b.count && a.words == b.words }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        if count > 16 {
            hasher.combine(words.2)
            hasher.combine(words.3)
        }
    }

    /// Appends an address in network order.
    @inlinable public mutating func append(_ address: IPAddress) {
        withFree(address.family.bytes) { address.write(to: $0) }
    }

    /// Appends a port in network order.
    @inlinable public mutating func append(port: UInt16) {
        withFree(4, value: 2) { $0.storeBytes(of: port.bigEndian, as: UInt16.self) }
    }

    /// Appends a protocol number (one byte, padded).
    @inlinable public mutating func append(_ proto: TransportProtocol) {
        withFree(4, value: 1) { $0.storeBytes(of: proto.rawValue, as: UInt8.self) }
    }

    /// Appends a 32-bit number in host order, as numgen, jhash and mark have it.
    @inlinable public mutating func append(hostOrder value: UInt32) {
        withFree(4) { $0.storeBytes(of: value, as: UInt32.self) }
    }

    /// Appends bytes from the kernel; nil on overflow or a length that is not of whole registers.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= 32, bytes.count % 4 == 0 else { return nil }
        withFree(bytes.count) { $0.copyMemory(from: bytes) }
    }

    /// Appends one value from the kernel, padded; nil on overflow.
    init?(value bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= 32 else { return nil }
        withFree((bytes.count + 3) & ~3, value: bytes.count) { $0.copyMemory(from: bytes) }
    }

    /// Lends the next `length` bytes, zeroed, of which the value takes the first `value`. Precondition: they fit.
    @usableFromInline mutating func withFree(
        _ length: Int, value: Int? = nil, _ body: (UnsafeMutableRawBufferPointer) -> Void
    ) {
        let start = Int(count)
        soleCount = start == 0 ? UInt8(value ?? length) : 0
        precondition(start + length <= 32, "a key or datum of more than 32 bytes")
        withUnsafeMutableBytes(of: &words) { body(UnsafeMutableRawBufferPointer(rebasing: $0[start..<start + length])) }
        count += UInt8(length)
    }

    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withUnsafeBytes(of: words) { try body(UnsafeRawBufferPointer(rebasing: $0[..<Int(count)])) }
    }
}

extension RegisterBytes {
    /// The bytes as a set holds them: without padding where the value stands alone.
    func withStoredBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        let stored = soleCount == 0 ? Int(count) : Int(soleCount)
        return try withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<stored])) }
    }
}

/// An element of a named set or map.
public struct SetElement: Hashable, Sendable {
    public enum Data: Hashable, Sendable {
        case none
        case bytes(RegisterBytes)
        case verdict(Verdict)
    }

    public let key: RegisterBytes
    /// The exclusive end of an interval; nil in sets without intervals, and for intervals without an end.
    public let intervalEnd: RegisterBytes?
    public let data: Data
    /// As nft can write it: at most 128 bytes, quotes and control characters replaced.
    public let comment: String?

    public init(
        key: RegisterBytes, intervalEnd: RegisterBytes? = nil, data: Data = .none, comment: String? = nil
    ) {
        self.key = key
        self.intervalEnd = intervalEnd
        self.data = data
        self.comment = comment?.asComment
    }
}
