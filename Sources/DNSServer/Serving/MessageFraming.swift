import NIOCore

/// Cuts a stream into messages, each after its length in two bytes (RFC 1035 section 4.2.2).
struct MessageFraming: ByteToMessageDecoder {
    typealias InboundOut = [UInt8]

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let length = buffer.getInteger(at: buffer.readerIndex, as: UInt16.self),
            buffer.readableBytes >= 2 + Int(length)
        else { return .needMoreData }
        buffer.moveReaderIndex(forwardBy: 2)
        guard let message = buffer.readBytes(length: Int(length)) else { return .needMoreData }
        context.fireChannelRead(wrapInboundOut(message))
        return .continue
    }

    mutating func decodeLast(
        context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool
    ) throws -> DecodingState {
        try decode(context: context, buffer: &buffer)
    }
}

extension Channel {
    /// Sends a message with its length, from any thread; nothing when it is too long.
    func writeFramed(_ message: [UInt8]) {
        guard let length = UInt16(exactly: message.count) else { return }
        var buffer = allocator.buffer(capacity: 2 + message.count)
        buffer.writeInteger(length)
        buffer.writeBytes(message)
        writeAndFlush(buffer, promise: nil)
    }
}
