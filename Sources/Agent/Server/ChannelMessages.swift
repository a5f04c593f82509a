import NIOCore
import NIOWebSocket

/// The messages of a WebSocket whose first byte names their channel, put together from their frames.
struct ChannelMessages {
    struct Message: Equatable {
        let channel: UInt8
        let bytes: [UInt8]
    }

    enum Outcome: Equatable {
        case message(Message)
        /// The frame was not the last, or the message was empty.
        case nothing
        case tooLong
    }

    private static let longest = 4 << 20
    private var parts = ByteBuffer()

    mutating func take(_ frame: WebSocketFrame) -> Outcome {
        var data = frame.unmaskedData
        if frame.opcode != .continuation { parts.clear() }
        guard parts.readableBytes + data.readableBytes <= Self.longest else { return .tooLong }
        parts.writeBuffer(&data)
        guard frame.fin else { return .nothing }
        defer { parts.clear() }
        guard let channel: UInt8 = parts.readInteger() else { return .nothing }
        return .message(Message(channel: channel, bytes: Array(parts.readableBytesView)))
    }
}
