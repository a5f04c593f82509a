import NIOCore
import NIOWebSocket
import Testing

@testable import Agent

@Suite struct ChannelMessagesTests {
    private func frame(_ bytes: [UInt8], _ opcode: WebSocketOpcode = .binary, isLast: Bool = true) -> WebSocketFrame {
        WebSocketFrame(fin: isLast, opcode: opcode, data: ByteBuffer(bytes: bytes))
    }

    @Test func framesBecomeMessages() {
        var messages = ChannelMessages()
        #expect(messages.take(frame([0, 7, 8])) == .message(.init(channel: 0, bytes: [7, 8])))
        #expect(messages.take(frame([0], isLast: false)) == .nothing)
        #expect(messages.take(frame([1, 2], .continuation, isLast: false)) == .nothing)
        #expect(messages.take(frame([3], .continuation)) == .message(.init(channel: 0, bytes: [1, 2, 3])))
        #expect(messages.take(frame([])) == .nothing)
        // One that was not finished is forgotten with the next.
        #expect(messages.take(frame([0, 9], isLast: false)) == .nothing)
        #expect(messages.take(frame([4, 5], .text)) == .message(.init(channel: 4, bytes: [5])))
    }

    @Test func aMessageWithoutEndIsRefused() {
        var messages = ChannelMessages()
        let piece = [UInt8](repeating: 0, count: 1 << 20)
        #expect(messages.take(frame(piece, isLast: false)) == .nothing)
        let outcomes = (0..<4).map { _ in messages.take(frame(piece, .continuation, isLast: false)) }
        #expect(outcomes == [.nothing, .nothing, .nothing, .tooLong])
    }
}
