import NIOCore
import NIOHTTP2
import Synchronization

/// A call with messages in both directions. One task takes what the client sends; any number may write. Both wait when
/// the other side is slow, and fail with `CancellationError` when the call is over.
public final class RPCStream: Sendable {
    fileprivate struct State {
        var unread = CircularBuffer<ByteBuffer>()
        var unreadBytes = 0
        /// The client has sent everything.
        var isInputOver = false
        var isClosed = false
        /// The client has been held up, and is told when there is room.
        var isClientWaiting = false
        var reader: CheckedContinuation<ByteBuffer?, any Error>?
        var unsentBytes = 0
        var writers: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var cancelledWriters: Set<UInt64> = []
        var lastWriter: UInt64 = 0
    }

    private let id: HTTP2StreamID
    private let connection: Connection
    private let limits: RPCLimits
    private let state = Mutex(State())

    init(_ id: HTTP2StreamID, _ connection: Connection, _ limits: RPCLimits) {
        self.id = id
        self.connection = connection
        self.limits = limits
    }

    // MARK: The method's side

    /// The client's next message; nil when it has sent its last.
    public func next() async throws -> ByteBuffer? {
        try await withCheckedThrowingContinuation { continuation in
            let (outcome, makesRoom): (Result<ByteBuffer?, any Error>?, Bool) = state.withLock { state in
                if let message = take(&state) { return (.success(message), state.makesRoom(limits.unreadBytes)) }
                if state.isClosed { return (.failure(CancellationError()), false) }
                if state.isInputOver { return (.success(nil), false) }
                state.reader = continuation
                return (nil, false)
            }
            if makesRoom { connection.enqueue(.room(id)) }
            if let outcome { continuation.resume(with: outcome) }
        }
    }

    /// Returns when the message is on its way and few are before it.
    public func write(_ encode: Encode) async throws {
        var messages = MessageBatch()
        try messages.add(encode)
        try enqueue(messages)
        try await room()
    }

    /// Puts messages on their way, however many are before them: `room` says when it is time for more.
    public func enqueue(_ messages: MessageBatch) throws(CancellationError) {
        guard !messages.isEmpty else { return }
        let isClosed = state.withLock { state in
            if !state.isClosed { state.unsentBytes += messages.buffer.readableBytes }
            return state.isClosed
        }
        if isClosed { throw CancellationError() }
        connection.enqueue(.messages(id, messages.buffer, self))
    }

    /// Returns when few messages wait to be sent.
    public func room() async throws {
        let writer: UInt64? = try state.withLock { state in
            if state.isClosed { throw CancellationError() }
            guard state.unsentBytes > limits.unsentBytes else { return nil }
            state.lastWriter += 1
            return state.lastWriter
        }
        guard let writer else { return }
        try await waitForRoom(writer)
    }

    /// Ends the call. Everything that was written before is sent.
    public func end(_ status: RPCStatus) { connection.enqueue(.end(id, status)) }

    private func waitForRoom(_ writer: UInt64) async throws {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isClosed || state.unsentBytes <= limits.unsentBytes { return true }
                    if state.cancelledWriters.contains(writer) { return true }
                    state.writers[writer] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                state.cancelledWriters.insert(writer)
                return state.writers.removeValue(forKey: writer)
            }
            continuation?.resume()
        }
        state.withLock { _ = $0.cancelledWriters.remove(writer) }
        try Task.checkCancellation()
    }

    // MARK: The connection's side

    /// What a message holds of memory, about: one of no bytes is not for nothing.
    fileprivate static func cost(_ message: ByteBuffer) -> Int { message.readableBytes + 64 }

    func receive(_ messages: [ByteBuffer], isEnd: Bool) {
        let (reader, outcome): (CheckedContinuation<ByteBuffer?, any Error>?, ByteBuffer?) = state.withLock { state in
            for message in messages {
                state.unread.append(message)
                count(Self.cost(message), &state)
            }
            if isEnd { state.isInputOver = true }
            guard let reader = state.reader, !state.unread.isEmpty || state.isInputOver else { return (nil, nil) }
            state.reader = nil
            return (reader, take(&state))
        }
        reader?.resume(returning: outcome)
    }

    private func take(_ state: inout State) -> ByteBuffer? {
        guard let message = state.unread.popFirst() else { return nil }
        count(-Self.cost(message), &state)
        return message
    }

    /// Here and for the connection.
    private func count(_ bytes: Int, _ state: inout State) {
        state.unreadBytes += bytes
        connection.unreadBytes.add(bytes, ordering: .relaxed)
    }

    /// Whether the client may send more now; if not, `room` is asked for later.
    func hasRoom() -> Bool {
        state.withLock { state in
            state.isClientWaiting = state.unreadBytes > limits.unreadBytes
            return !state.isClientWaiting
        }
    }

    func sent(_ bytes: Int) {
        let writers = state.withLock { state in
            state.unsentBytes -= bytes
            guard state.unsentBytes <= limits.unsentBytes, !state.writers.isEmpty else {
                return [CheckedContinuation<Void, Never>]()
            }
            defer { state.writers = [:] }
            return Array(state.writers.values)
        }
        for writer in writers { writer.resume() }
    }

    /// The call is over.
    func close() {
        let (reader, writers) = state.withLock { state in
            state.isClosed = true
            defer {
                state.reader = nil
                state.writers = [:]
                state.unread = CircularBuffer()
                count(-state.unreadBytes, &state)
            }
            return (state.reader, Array(state.writers.values))
        }
        reader?.resume(throwing: CancellationError())
        for writer in writers { writer.resume() }
    }
}

extension RPCStream.State {
    /// True once when a client that waits need not wait any more.
    fileprivate mutating func makesRoom(_ limit: Int) -> Bool {
        guard isClientWaiting, unreadBytes <= limit / 2 else { return false }
        isClientWaiting = false
        return true
    }
}
