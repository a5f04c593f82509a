import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Bytes in a WebSocket: kubectl since 1.31 sends SPDY for port-forward so (KEP-4006), with the subprotocol
/// `SPDY/3.1+portforward.k8s.io`. Behind this handler the connection is the bare SPDY one.
final class WebSocketTunnel: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = WebSocketFrame

    static let prefix = "SPDY/3.1+"
    static let mostFrameBytes = 1 << 20

    private var hasSentClose = false

    /// The subprotocol of the offered ones that is a tunnel, and the protocol within it.
    static func tunnel(offered: [String]) -> (subprotocol: String, inner: String)? {
        offered.first { $0.hasPrefix(prefix) }.map { ($0, String($0.dropFirst(prefix.utf8.count))) }
    }

    /// RFC 6455, section 4.2.2.
    static func accept(key: String) -> String {
        let digest = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return Data(digest).base64EncodedString()
    }

    static func answer(key: String, subprotocol: String) -> HTTPHeaders {
        [
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept(key: key),
            "Sec-WebSocket-Protocol": subprotocol,
        ]
    }

    static func add(to channel: any Channel) throws {
        try channel.pipeline.syncOperations.addHandlers([
            WebSocketFrameEncoder(), ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: mostFrameBytes)),
            WebSocketTunnel(),
        ])
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .binary, .continuation, .text: context.fireChannelRead(wrapInboundOut(frame.unmaskedData))
        case .ping: send(context, .pong, frame.unmaskedData)
        case .connectionClose:
            sendClose(context)
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        default: break
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let frame = WebSocketFrame(fin: true, opcode: .binary, data: unwrapOutboundIn(data))
        context.write(wrapOutboundOut(frame), promise: promise)
    }

    /// A WebSocket has no half-close: the closing frame ends both directions.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        sendClose(context)
        context.close(mode: .all, promise: promise)
    }

    private func sendClose(_ context: ChannelHandlerContext) {
        guard !hasSentClose, context.channel.isActive else { return }
        hasSentClose = true
        var normal = context.channel.allocator.buffer(capacity: 2)
        normal.writeInteger(UInt16(1000))
        send(context, .connectionClose, normal)
    }

    private func send(_ context: ChannelHandlerContext, _ opcode: WebSocketOpcode, _ data: ByteBuffer) {
        context.writeAndFlush(
            wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, data: data)), promise: nil)
    }
}
