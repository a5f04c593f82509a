import CNftnl

/// Builds netlink messages one after the other in one growing buffer.
public struct NetlinkWriter {
    public private(set) var bytes: [UInt8] = []
    private var messageStart = 0

    public init(capacity: Int = 4096) { bytes.reserveCapacity(capacity) }

    public var count: Int { bytes.count }

    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Begins a message; its length is set by `endMessage`.
    public mutating func beginMessage(type: UInt16, flags: UInt16, sequence: UInt32) {
        messageStart = bytes.count
        append(UInt32(0))
        append(type)
        append(flags)
        append(sequence)
        append(UInt32(0))
    }

    public mutating func endMessage() {
        pad()
        store(UInt32(bytes.count - messageStart), at: messageStart)
    }

    /// Adds a flag to a message that is already there.
    public mutating func addFlag(_ flag: UInt16, toMessageAt offset: Int) {
        let flags = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset + 6, as: UInt16.self) }
        store(flags | flag, at: offset + 6)
    }

    /// Appends the bytes of a fixed-size value, as the kernel's headers have it.
    public mutating func append<T: BitwiseCopyable>(_ value: T) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }

    /// Appends one whole message that something else built.
    public mutating func append(message: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: message)
        pad()
    }

    public mutating func attribute<T: BitwiseCopyable>(_ type: UInt16, _ value: T) {
        withUnsafeBytes(of: value) { attribute(type, bytes: $0) }
    }

    /// Appends text with its terminating zero.
    public mutating func attribute(_ type: UInt16, _ text: String) {
        append(UInt16(4 + text.utf8.count + 1))
        append(type)
        bytes.append(contentsOf: text.utf8)
        bytes.append(0)
        pad()
    }

    public mutating func attribute(_ type: UInt16, bytes value: UnsafeRawBufferPointer) {
        append(UInt16(4 + value.count))
        append(type)
        bytes.append(contentsOf: value)
        pad()
    }

    /// Begins a nested attribute and returns the position that `endNested` wants.
    public mutating func beginNested(_ type: UInt16) -> Int { beginAttribute(type | UInt16(NLA_F_NESTED)) }

    /// Begins an attribute that is appended in parts; `endNested` ends it.
    public mutating func beginAttribute(_ type: UInt16) -> Int {
        let start = bytes.count
        append(UInt16(0))
        append(type)
        return start
    }

    /// Precondition: at most 65,535 bytes since the beginning.
    public mutating func endNested(_ start: Int) {
        store(UInt16(bytes.count - start), at: start)
        pad()
    }

    /// Appends text without a terminating zero.
    public mutating func append(text: String) { bytes.append(contentsOf: text.utf8) }

    public mutating func nested(_ type: UInt16, _ body: (inout NetlinkWriter) -> Void) {
        let start = beginNested(type)
        body(&self)
        endNested(start)
    }

    private mutating func pad() {
        while bytes.count % 4 != 0 { bytes.append(0) }
    }

    private mutating func store<T: BitwiseCopyable>(_ value: T, at offset: Int) {
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: offset, as: T.self) }
    }
}
