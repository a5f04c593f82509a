import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import NIOSSL

/// Watches that cost the client as little as can be: their answers are searched for marks as they come, without HTTP's
/// parts being taken apart.
struct WatchConnections {
    /// How a program holds its watches.
    enum Form {
        /// HTTP/1.1: one on each connection.
        case alone
        /// HTTP/2, as client-go: many on a connection.
        case together(each: Int)
    }

    let credentials: Credentials
    let port: Int
    let path: String
    let sightings: Sightings

    private var token: String { credentials.token ?? "" }

    /// Opens them; they last until `close`.
    func open(_ count: Int, _ form: Form) async throws -> [any Channel] {
        switch form {
        case .alone:
            return try await connect(count, protocols: ["http/1.1"]) { [path, token, sightings] channel in
                try channel.pipeline.syncOperations.addHandler(WatchAlone(path, token, sightings))
            }
        case .together(let each):
            return try await connect((count + each - 1) / each, protocols: ["h2"]) { [path, token, sightings] channel in
                try channel.pipeline.syncOperations.addHandler(
                    NIOHTTP2Handler(
                        mode: .client, connectionConfiguration: .init(), streamConfiguration: .init()))
                try channel.pipeline.syncOperations.addHandler(WatchesTogether(path, token, each, sightings))
            }
        }
    }

    private func connect(
        _ count: Int, protocols: [String], _ configure: @escaping @Sendable (any Channel) throws -> Void
    ) async throws -> [any Channel] {
        var tls = credentials.tls
        tls.applicationProtocols = protocols
        let context = try NIOSSLContext(configuration: tls)
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(
                    NIOSSLClientHandler(context: context, serverHostname: nil))
                try configure(channel)
            }
        }
        var channels: [any Channel] = []
        for _ in 0..<count { channels.append(try await bootstrap.connect(host: "127.0.0.1", port: port).get()) }
        return channels
    }
}

/// One watch on a connection of HTTP/1.1.
private final class WatchAlone: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let path: String
    private let token: String
    private let sightings: Sightings

    init(_ path: String, _ token: String, _ sightings: Sightings) {
        self.path = path
        self.token = token
        self.sightings = sightings
    }

    func channelActive(context: ChannelHandlerContext) {
        let head =
            "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \(token)\r\nAccept: application/json\r\n\r\n"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: head)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        sightings.see(unwrapInboundIn(data).readableBytesView, at: .now)
    }
}

/// Watches that are streams of one HTTP/2 connection.
private final class WatchesTogether: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private let path: String
    private let token: String
    private let count: Int
    private let sightings: Sightings
    private var taken = 0

    init(_ path: String, _ token: String, _ count: Int, _ sightings: Sightings) {
        self.path = path
        self.token = token
        self.count = count
        self.sightings = sightings
    }

    func channelActive(context: ChannelHandlerContext) {
        let headers: HPACKHeaders = [
            ":method": "GET", ":scheme": "https", ":authority": "127.0.0.1", ":path": path,
            "accept": "application/json", "authorization": "Bearer \(token)",
        ]
        for number in 0..<count {
            let frame = HTTP2Frame(
                streamID: HTTP2StreamID(2 * number + 1),
                payload: .headers(.init(headers: headers, endStream: true)))
            context.write(wrapOutboundOut(frame), promise: nil)
        }
        context.flush()
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .data(let data) = unwrapInboundIn(data).payload, case .byteBuffer(let bytes) = data.data else {
            return
        }
        sightings.see(bytes.readableBytesView, at: .now)
        taken += bytes.readableBytes
    }

    /// Room for more on the connection; a stream gets less than its first window.
    func channelReadComplete(context: ChannelHandlerContext) {
        guard taken > 16 << 10 else { return }
        let frame = HTTP2Frame(streamID: .rootStream, payload: .windowUpdate(windowSizeIncrement: taken))
        taken = 0
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }
}
