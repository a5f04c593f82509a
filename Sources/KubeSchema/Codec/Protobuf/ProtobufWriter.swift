/// Writes the wire format of protobuf from its end to its beginning, as gogo/protobuf does: a message's length is known
/// when its content has been written, so nothing is counted twice.
struct ProtobufWriter: ~Copyable {
    private var storage: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// Where the bytes begin; they end with the storage.
    private var head: Int

    init(capacity: Int = 1024) {
        storage = .allocate(capacity: capacity)
        self.capacity = capacity
        head = capacity
    }

    deinit { storage.deallocate() }

    var count: Int { capacity - head }

    var bytes: [UInt8] { Array(UnsafeBufferPointer(start: storage + head, count: count)) }

    private mutating func reserve(_ size: Int) {
        guard head < size else { return }
        let larger = (capacity + size) * 2
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        (moved + (larger - count)).initialize(from: storage + head, count: count)
        storage.deallocate()
        (storage, head, capacity) = (moved, larger - count, larger)
    }

    mutating func prepend(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        reserve(bytes.count)
        head -= bytes.count
        (storage + head).initialize(from: start, count: bytes.count)
    }

    mutating func prepend(_ text: String) {
        var text = text
        text.withUTF8 { prepend($0) }
    }

    mutating func prepend(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { prepend($0) } }

    mutating func varint(_ value: UInt64) {
        let size = max(1, (70 - value.leadingZeroBitCount) / 7)
        reserve(size)
        head -= size
        var rest = value
        for offset in 0..<size - 1 {
            storage[head + offset] = UInt8(truncatingIfNeeded: rest) | 0x80
            rest >>= 7
        }
        storage[head + size - 1] = UInt8(truncatingIfNeeded: rest)
    }

    mutating func fixed64(_ value: UInt64) {
        reserve(8)
        head -= 8
        for offset in 0..<8 { storage[head + offset] = UInt8(truncatingIfNeeded: value >> UInt64(offset * 8)) }
    }

    mutating func tag(_ number: Int, _ wireType: Int) { varint(UInt64(number) << 3 | UInt64(wireType)) }

    // A whole field each, its tag being written last.

    mutating func field(_ number: Int, varint value: UInt64) {
        varint(value)
        tag(number, 0)
    }

    mutating func field(_ number: Int, _ text: String) {
        let end = count
        prepend(text)
        closeField(number, from: end)
    }

    mutating func field(_ number: Int, _ bytes: [UInt8]) {
        let end = count
        prepend(bytes)
        closeField(number, from: end)
    }

    /// What was written since `count` was `end` becomes a field of wire type 2.
    mutating func closeField(_ number: Int, from end: Int) {
        varint(UInt64(count - end))
        tag(number, 2)
    }
}
