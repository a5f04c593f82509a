import Compression
import NIOCore

/// The streams of one SPDY/3.1 connection, all of them opened by the client.
actor SPDYConnection {
    typealias Transport = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    struct Stream: Sendable {
        let id: UInt32
        /// Names are in lower case.
        let headers: [String: String]
        /// What the client sends on it.
        let inbox: StreamInbox
    }

    /// Called for each stream in order; what it returns is work that has begun with it. Throws when the stream is none that
    /// may be: the connection ends.
    typealias Accept = @Sendable (Stream, SPDYConnection) async throws -> (@Sendable () async -> Void)?

    private static let mostStreams = 1024
    private static let mostHeaders = 64 << 10

    private let accept: Accept
    private let transport: any Channel
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inflater: HeaderInflater
    private var deflater: HeaderDeflater
    private var inboxes: [UInt32: StreamInbox] = [:]

    private init?(
        _ transport: any Channel, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, _ accept: @escaping Accept
    ) {
        guard let inflater = HeaderInflater(dictionary: SPDYDictionary.bytes),
            let deflater = HeaderDeflater(dictionary: SPDYDictionary.bytes)
        else { return nil }
        self.transport = transport
        self.outbound = outbound
        self.accept = accept
        self.inflater = inflater
        self.deflater = deflater
    }

    /// Serves a connection to its end.
    static func serve(_ transport: Transport, accept: @escaping Accept) async {
        let channel = transport.channel
        try? await transport.executeThenClose { inbound, outbound in
            guard let connection = SPDYConnection(channel, outbound, accept) else { return }
            try await withThrowingDiscardingTaskGroup { group in
                var buffer = ByteBuffer()
                for try await piece in inbound {
                    buffer.writeImmutableBuffer(piece)
                    while let frame = try SPDYFrame.take(&buffer) {
                        if let work = try await connection.take(frame) { group.addTask { await work() } }
                    }
                    buffer.discardReadBytes()
                }
                await connection.end()
                group.cancelAll()
            }
        }
    }

    private func end() async {
        for inbox in inboxes.values { await inbox.abandon() }
    }

    // MARK: - From the client

    private func take(_ frame: SPDYFrame) async throws -> (@Sendable () async -> Void)? {
        switch frame {
        case .data(let stream, let bytes, let isLast):
            guard let inbox = inboxes[stream] else { return nil }
            if bytes.readableBytes > 0 { await inbox.put(bytes) }
            if isLast { await inbox.end() }
        case .open(let stream, let block, let isLast): return try await open(stream, block, isLast)
        case .reset(let stream): await inboxes[stream]?.abandon()
        case .ping(let payload): try await outbound.write(SPDYFrame.control(SPDYFrame.Kind.ping, payload))
        case .headers(let block): _ = try headers(block)
        case .other: break
        }
        return nil
    }

    private func headers(_ block: ByteBuffer) throws -> [String: String] {
        guard let plain = inflater.inflate(Array(block.readableBytesView), limit: Self.mostHeaders),
            let pairs = SPDYFrame.pairs(plain)
        else { throw SPDYFrame.Malformed() }
        return pairs
    }

    private func open(
        _ id: UInt32, _ block: ByteBuffer, _ isLast: Bool
    ) async throws -> (@Sendable () async -> Void)? {
        let headers = try headers(block)
        guard inboxes.count < Self.mostStreams else { throw SPDYFrame.Malformed() }
        let inbox = StreamInbox()
        inboxes[id] = inbox
        if isLast { await inbox.end() }
        var reply = ByteBuffer()
        reply.writeInteger(id)
        reply.writeBytes(deflater.deflate([0, 0, 0, 0]))
        try await outbound.write(SPDYFrame.control(SPDYFrame.Kind.reply, reply))
        return try await accept(Stream(id: id, headers: headers, inbox: inbox), self)
    }

    // MARK: - To the client

    func send(_ stream: Stream, _ bytes: ByteBuffer) async throws {
        var rest = bytes
        while rest.readableBytes > 0 {
            let piece = rest.readSlice(length: min(rest.readableBytes, 65_536))
            try await outbound.write(SPDYFrame.data(stream.id, piece, isLast: false))
        }
    }

    /// Nothing more is sent on it, and what comes is dropped.
    func finish(_ stream: Stream) async {
        await stream.inbox.abandon()
        try? await outbound.write(SPDYFrame.data(stream.id, nil, isLast: true))
        inboxes[stream.id] = nil
    }

    /// Closes the connection, unless the client, which has read everything by then, does so first.
    func close(after pause: Duration) async {
        try? await Task.sleep(for: pause)
        transport.close(promise: nil)
    }
}
