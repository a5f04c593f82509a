import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import PKI
import Synchronization

@testable import APIServer

/// A node agent for tests: TLS with a client certificate asked for, HTTP/1.1, and upgraded connections that send back
/// what comes, until the client has sent all; then `bye`.
final class AgentDouble: Sendable {
    struct Seen: Sendable {
        var heads: [HTTPRequestHead] = []
        var bytesWritten = 0
    }

    let seen = Mutex(Seen())
    private let channel: any Channel
    let tls: NodeAgentTLS

    var port: Int { channel.localAddress?.port ?? 0 }

    /// With certificates of an authority made for it.
    static func start(now: Int64) async throws -> AgentDouble {
        let authority = try CertificateAuthority(commonName: "test", now: now)
        let serving = try authority.issue(
            .apiServer(hostNames: [], addresses: [], serviceAddresses: []), now: now)
        let client = try authority.issue(.kubeletClient, now: now)
        let tls = try NodeAgentTLS(
            certificateChain: client.certificatePEM, privateKey: client.keyPEM, authorities: authority.certificatePEM)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(serving.certificatePEM.utf8)).map {
                .certificate($0)
            }, privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(serving.keyPEM.utf8), format: .pem)))
        configuration.certificateVerification = .noHostnameVerification
        configuration.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMBytes(Array(authority.certificatePEM.utf8)))
        return try await AgentDouble(NIOSSLContext(configuration: configuration), tls)
    }

    private init(_ context: NIOSSLContext, _ tls: NodeAgentTLS) async throws {
        self.tls = tls
        let box = OwnerBox()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 16)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    try channel.pipeline.syncOperations.addHandler(AgentConversation(box))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        box.owner.withLock { $0 = self }
    }

    func stop() async { try? await channel.close() }
}

/// The double, once it is whole.
final class OwnerBox: Sendable {
    let owner = Mutex<AgentDouble?>(nil)

    func note(_ head: HTTPRequestHead) { owner.withLock { $0?.seen.withLock { $0.heads.append(head) } } }
    func note(bytesWritten count: Int) { owner.withLock { $0?.seen.withLock { $0.bytesWritten += count } } }
}

/// One connection: reads a head, answers by its path, then echoes.
private final class AgentConversation: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let box: OwnerBox
    private var collected = ByteBuffer()
    private var isEchoing = false
    private var pending = 0
    private var isInputClosed = false

    init(_ box: OwnerBox) { self.box = box }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if isEchoing { return echo(context, bytes) }
        collected.writeBuffer(&bytes)
        let text = String(buffer: collected)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return }
        let lines = text[..<end.lowerBound].split(whereSeparator: \.isNewline).map(String.init)
        let words = (lines.first ?? "").split(separator: " ").map(String.init)
        guard words.count == 3 else { return context.close(promise: nil) }
        var head = HTTPRequestHead(version: .http1_1, method: .init(rawValue: words[0]), uri: words[1])
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            head.headers.add(name: parts[0], value: parts.count > 1 ? String(parts[1].dropFirst()) : "")
        }
        box.note(head)
        collected.moveReaderIndex(forwardBy: text[..<end.upperBound].utf8.count)
        answer(context, head)
    }

    private func answer(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
        if head.uri.contains("forbidden") {
            return write(context, "HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nforbidden")
        }
        if head.uri.contains("/containerLogs/") {
            write(context, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
            return writeLog(context, AgentDouble.logChunks)
        }
        guard let wanted = head.headers.first(name: "upgrade") else {
            return write(context, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Path: \(head.uri)\r\n\r\nok")
        }
        var lines = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: \(wanted)"]
        if let key = head.headers.first(name: "sec-websocket-key") {
            lines.append("Sec-WebSocket-Accept: \(WebSocketTunnel.accept(key: key))")
            lines.append("Sec-WebSocket-Protocol: \(head.headers.first(name: "sec-websocket-protocol") ?? "")")
        }
        if let version = head.headers.first(name: "x-stream-protocol-version") {
            lines.append("X-Stream-Protocol-Version: \(version)")
        }
        if head.uri.contains("flood") {
            write(context, lines.joined(separator: "\r\n") + "\r\n\r\n")
            return writeLog(context, AgentDouble.logChunks)
        }
        isEchoing = true
        // The first bytes of the new protocol come with the head.
        write(context, lines.joined(separator: "\r\n") + "\r\n\r\nhello")
        if collected.readableBytes > 0 { echo(context, collected) }
    }

    private func writeLog(_ context: ChannelHandlerContext, _ count: Int) {
        guard count > 0, context.channel.isActive else {
            return write(context, "0\r\n\r\n")
        }
        let chunk = String(repeating: "x", count: AgentDouble.logChunkBytes)
        let loop = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        var bytes = ByteBuffer(string: String(AgentDouble.logChunkBytes, radix: 16) + "\r\n" + chunk)
        bytes.writeString("\r\n")
        context.writeAndFlush(wrapOutboundOut(bytes)).whenSuccess {
            let (handler, context) = loop.value
            handler.box.note(bytesWritten: AgentDouble.logChunkBytes)
            handler.writeLog(context, count - 1)
        }
    }

    private func echo(_ context: ChannelHandlerContext, _ bytes: ByteBuffer) {
        pending += 1
        let loop = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(bytes)).whenComplete { _ in
            let (handler, context) = loop.value
            handler.pending -= 1
            handler.endIfDone(context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? ChannelEvent, event == .inputClosed else {
            return context.fireUserInboundEventTriggered(event)
        }
        isInputClosed = true
        endIfDone(context)
    }

    private func endIfDone(_ context: ChannelHandlerContext) {
        guard isEchoing, isInputClosed, pending == 0 else { return }
        isEchoing = false
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "bye")), promise: nil)
        context.close(promise: nil)
    }

    private func write(_ context: ChannelHandlerContext, _ text: String) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension AgentDouble {
    static let logChunkBytes = 65_536
    /// 64 MiB: more than all buffers between take.
    static let logChunks = 1024
}
