import ContainerRuntime
import KubeAPI
import NIOCore

/// exec and attach over SPDY/3.1 (`v4.channel.k8s.io`), as kubectl before 1.31 speaks: a stream each for `error`, `stdin`,
/// `stdout`, `stderr` and `resize`, named by their header `streamtype`.
actor CommandSession {
    static let subprotocol = "v4.channel.k8s.io"
    /// Until a client that has heard the end must have gone.
    private static let farewell = Duration.seconds(5)

    typealias Open = @Sendable () async throws -> ContainerSession

    private let expected: Set<String>
    private let open: Open
    private var streams: [String: SPDYConnection.Stream] = [:]

    private init(_ path: AgentPath, _ open: @escaping Open) {
        let hasTerminal = path.isSet("tty")
        var expected: Set = ["error"]
        if path.isSet("input") { expected.insert("stdin") }
        if path.isSet("output") { expected.insert("stdout") }
        if hasTerminal {
            expected.insert("resize")
        } else if path.isSet("error") {
            expected.insert("stderr")
        }
        self.expected = expected
        self.open = open
    }

    /// Serves a connection to its end.
    /// - Parameter open: starts the process, or finds it; called when all streams are there.
    static func serve(_ transport: SPDYConnection.Transport, _ path: AgentPath, open: @escaping Open) async {
        let session = CommandSession(path, open)
        await SPDYConnection.serve(transport) { stream, connection in try await session.take(stream, connection) }
    }

    private func take(
        _ stream: SPDYConnection.Stream, _ connection: SPDYConnection
    ) throws -> (@Sendable () async -> Void)? {
        guard let kind = stream.headers["streamtype"], expected.contains(kind), streams[kind] == nil else {
            throw SPDYFrame.Malformed()
        }
        streams[kind] = stream
        guard streams.count == expected.count else { return nil }
        let (streams, open) = (streams, open)
        return {
            let status: JSONValue
            do {
                status = await Self.run(try await open(), streams, connection)
            } catch {
                status = CommandStatus.failure("\(error)")
            }
            if let error = streams["error"] {
                try? await connection.send(error, ByteBuffer(bytes: JSONWriter.bytes(status)))
            }
            for stream in streams.values { await connection.finish(stream) }
            await connection.close(after: Self.farewell)
        }
    }

    /// How the process ended.
    private static func run(
        _ session: ContainerSession, _ streams: [String: SPDYConnection.Stream], _ connection: SPDYConnection
    ) async -> JSONValue {
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                if let stdin = streams["stdin"] { group.addTask { await feed(session, stdin.inbox) } }
                if let resize = streams["resize"] { group.addTask { await follow(session, resize.inbox) } }
                let status = await drain(session, streams, connection)
                session.close()
                for stream in streams.values { await stream.inbox.abandon() }
                return status
            }
        } onCancel: {
            session.close()
        }
    }

    private static func drain(
        _ session: ContainerSession, _ streams: [String: SPDYConnection.Stream], _ connection: SPDYConnection
    ) async -> JSONValue {
        do {
            while let piece = try await session.receive() {
                switch piece {
                case .stdout(let bytes):
                    if let stream = streams["stdout"] { try await connection.send(stream, ByteBuffer(bytes: bytes)) }
                case .stderr(let bytes):
                    if let stream = streams["stderr"] { try await connection.send(stream, ByteBuffer(bytes: bytes)) }
                case .exit(let code): return CommandStatus.exit(code)
                }
            }
            return CommandStatus.success
        } catch {
            return CommandStatus.failure("\(error)")
        }
    }

    private static func feed(_ session: ContainerSession, _ inbox: StreamInbox) async {
        while let bytes = await inbox.next() { try? await session.send(Array(bytes.readableBytesView)) }
        session.endInput()
    }

    /// A line of JSON for each size.
    private static func follow(_ session: ContainerSession, _ inbox: StreamInbox) async {
        var rest: [UInt8] = []
        while let bytes = await inbox.next() {
            rest += bytes.readableBytesView
            let lines = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            for line in lines.dropLast() { session.resize(toJSON: Array(line)) }
            rest = Array(lines.last ?? [])
            guard rest.count <= 1024 else { return }
        }
    }
}
