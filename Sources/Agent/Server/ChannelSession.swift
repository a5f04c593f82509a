import ContainerRuntime
import KubeAPI
import NIOCore
import NIOWebSocket

/// exec and attach over a WebSocket (`v4.channel.k8s.io`, `v5.channel.k8s.io`): the first byte of each message names its
/// channel; in v5 a message on channel 255 ends the channel that its second byte names (KEP-4006).
struct ChannelSession: Sendable {
    enum Opening: Sendable {
        case session(ContainerSession)
        case failure(String)
    }

    typealias Outbound = NIOAsyncChannelOutboundWriter<WebSocketFrame>
    typealias Inbound = NIOAsyncChannelInboundStream<WebSocketFrame>

    private enum Channel {
        static let stdin: UInt8 = 0, stdout: UInt8 = 1, stderr: UInt8 = 2, error: UInt8 = 3, resize: UInt8 = 4
        static let close: UInt8 = 255
    }

    private let outbound: Outbound
    private let wantsOutput: Bool
    private let wantsErrors: Bool

    init(_ outbound: Outbound, _ path: AgentPath) {
        self.outbound = outbound
        wantsOutput = path.isSet("output")
        wantsErrors = path.isSet("error")
    }

    func run(_ opening: Opening, _ inbound: Inbound) async {
        switch opening {
        case .failure(let why): await finish(CommandStatus.failure(why))
        case .session(let session):
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await feed(session, inbound) }
                group.addTask { await drain(session) }
                // The process' end ends the session; so does the client.
                await group.next()
                session.close()
                group.cancelAll()
            }
        }
    }

    // MARK: - From the process

    private func drain(_ session: ContainerSession) async {
        do {
            while let piece = try await session.receive() {
                switch piece {
                case .stdout(let bytes): if wantsOutput { try await send(Channel.stdout, bytes) }
                case .stderr(let bytes): if wantsErrors { try await send(Channel.stderr, bytes) }
                case .exit(let code): return await finish(CommandStatus.exit(code))
                }
            }
            await finish(CommandStatus.success)
        } catch {
            return
        }
    }

    private func finish(_ status: JSONValue) async {
        try? await send(Channel.error, JSONWriter.bytes(status))
        var normal = ByteBuffer()
        normal.writeInteger(UInt16(1000))
        try? await outbound.write(WebSocketFrame(fin: true, opcode: .connectionClose, data: normal))
    }

    private func send(_ channel: UInt8, _ bytes: [UInt8]) async throws {
        var data = ByteBuffer()
        data.writeInteger(channel)
        data.writeBytes(bytes)
        try await outbound.write(WebSocketFrame(fin: true, opcode: .binary, data: data))
    }

    // MARK: - From the client

    private func feed(_ session: ContainerSession, _ inbound: Inbound) async {
        var messages = ChannelMessages()
        do {
            for try await frame in inbound {
                switch frame.opcode {
                case .ping:
                    try await outbound.write(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData))
                case .connectionClose: return
                case .binary, .text, .continuation:
                    switch messages.take(frame) {
                    case .message(let message): try await take(message, session)
                    case .nothing: continue
                    case .tooLong: return
                    }
                default: continue
                }
            }
        } catch {
            return
        }
    }

    private func take(_ message: ChannelMessages.Message, _ session: ContainerSession) async throws {
        switch message.channel {
        case Channel.stdin: try await session.send(message.bytes)
        case Channel.close where message.bytes.first == Channel.stdin: session.endInput()
        case Channel.resize: session.resize(toJSON: message.bytes)
        default: break
        }
    }
}
