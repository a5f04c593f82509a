import NIOCore

/// Finds the messages in a stream of bytes: each has a byte that says whether it is compressed, four of its length, and
/// then itself.
struct MessageReader {
    /// Bytes of the largest message that is taken.
    let limit: Int
    private var buffer = ByteBuffer()

    init(limit: Int) { self.limit = limit }

    /// Bytes of a message that is not complete.
    var heldBytes: Int { buffer.readableBytes }

    mutating func add(_ bytes: ByteBuffer) {
        guard buffer.readableBytes > 0 else {
            buffer = bytes
            return
        }
        // What has been read already is not carried along.
        if buffer.readerIndex > 0 { buffer.discardReadBytes() }
        buffer.writeImmutableBuffer(bytes)
    }

    /// Refuses the next message as soon as its prefix is here.
    @discardableResult
    func check() throws(RPCStatus) -> Int? {
        let start = buffer.readerIndex
        guard let flag = buffer.getInteger(at: start, as: UInt8.self),
            let length = buffer.getInteger(at: start + 1, as: UInt32.self)
        else { return nil }
        guard flag == 0 else {
            throw RPCStatus(.internalError, "a message is marked as compressed, and the call names no compression")
        }
        guard length <= limit else {
            throw RPCStatus(.resourceExhausted, "a message of \(length) bytes is larger than the limit of \(limit)")
        }
        return Int(length)
    }

    /// The next message that is complete.
    mutating func next() throws(RPCStatus) -> ByteBuffer? {
        guard let length = try check(),
            let message = buffer.getSlice(at: buffer.readerIndex + MessageBatch.prefixBytes, length: length)
        else { return nil }
        buffer.moveReaderIndex(forwardBy: MessageBatch.prefixBytes + length)
        return message
    }
}

/// Messages on their way out, each with its prefix.
public struct MessageBatch: Sendable {
    static let prefixBytes = 5
    private(set) var buffer = ByteBuffer()

    public init() {}

    public var isEmpty: Bool { buffer.readableBytes == 0 }

    public mutating func add(_ encode: (inout ByteBuffer) throws -> Void) throws {
        let start = buffer.writerIndex
        buffer.reserveCapacity(minimumWritableBytes: 256)
        buffer.writeInteger(UInt8(0))
        buffer.writeInteger(UInt32(0))
        try encode(&buffer)
        guard let length = UInt32(exactly: buffer.writerIndex - start - Self.prefixBytes) else {
            throw RPCStatus(.internalError, "an answer is too large for one message")
        }
        buffer.setInteger(length, at: start + 1)
    }
}
