import NIOCore
import NIOHPACK
import NIOHTTP2

extension ConnectionHandler {
    func perform(_ outbound: Connection.Outbound) {
        switch outbound {
        case .answer(let id, let encode): answer(id, encode)
        case .beginLong(let id, let make): beginLong(id, make)
        case .long(let id, let answer): sendLong(id, answer)
        case .messages(let id, let messages, let stream): send(messages, of: stream, on: id)
        case .end(let id, let status): end(id, status)
        case .room(let id): widen(id)
        }
    }

    private func answer(_ id: HTTP2StreamID, _ encode: @escaping Encode) {
        guard let call = calls[id], !call.hasEnded else { return }
        guard backlog.unsentBytes < limits.unsentAnswerBytes else { return backlog.postponed.append((id, encode)) }
        do {
            var message = MessageBatch()
            try message.add(encode)
            begin(id)
            write(id, .data(.init(data: .byteBuffer(message.buffer))), promise: counted(message.buffer))
            end(id, .ok)
        } catch {
            end(id, RPCStatus(error))
        }
    }

    /// nil for a small one: those of all calls together are not much.
    private func counted(_ answer: ByteBuffer) -> EventLoopPromise<Void>? {
        let bytes = answer.readableBytes
        guard bytes > AnswerBacklog.smallBytes, let context else { return nil }
        backlog.unsentBytes += bytes
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [weak self] _ in self?.answerPostponed(bytes) }
        return promise
    }

    /// `sent` bytes are on their way, or will never be.
    private func answerPostponed(_ sent: Int) {
        backlog.unsentBytes -= sent
        while backlog.unsentBytes < limits.unsentAnswerBytes, let (id, encode) = backlog.postponed.popFirst() {
            answer(id, encode)
        }
        flushIfNeeded()
    }

    // MARK: Long answers

    private func beginLong(_ id: HTTP2StreamID, _ make: @escaping @Sendable () async throws -> Encode) {
        guard let call = calls[id], !call.hasEnded else { return }
        guard backlog.long < limits.longAnswers else { return backlog.waiting.append((id, make)) }
        backlog.long += 1
        let connection = connection
        let task = Task {
            do {
                var message = MessageBatch()
                try message.add(try await make())
                connection.enqueue(.long(id, .success(message.buffer)))
            } catch {
                connection.enqueue(.long(id, .failure(error)))
            }
        }
        calls[id]?.cancel = { task.cancel() }
    }

    private func sendLong(_ id: HTTP2StreamID, _ answer: Result<ByteBuffer, any Error>) {
        guard let call = calls[id], !call.hasEnded, let context else { return endLong() }
        switch answer {
        case .success(let message):
            begin(id)
            let promise = context.eventLoop.makePromise(of: Void.self)
            promise.futureResult.assumeIsolated().whenComplete { [weak self] _ in
                self?.endLong()
                self?.flushIfNeeded()
            }
            write(id, .data(.init(data: .byteBuffer(message))), promise: promise)
            end(id, .ok)
        case .failure(let error):
            end(id, RPCStatus(error))
            endLong()
        }
    }

    /// One has been sent, or never will be.
    private func endLong() {
        backlog.long -= 1
        while backlog.long < limits.longAnswers, let (id, make) = backlog.waiting.popFirst() { beginLong(id, make) }
    }

    private func send(_ messages: ByteBuffer, of stream: RPCStream, on id: HTTP2StreamID) {
        guard let context, let call = calls[id], !call.hasEnded else { return }
        begin(id)
        let promise = context.eventLoop.makePromise(of: Void.self)
        let bytes = messages.readableBytes
        promise.futureResult.whenComplete { _ in stream.sent(bytes) }
        write(id, .data(.init(data: .byteBuffer(messages))), promise: promise)
    }

    private func begin(_ id: HTTP2StreamID) {
        guard calls[id]?.hasBegun == false else { return }
        calls[id]?.hasBegun = true
        write(id, .headers(.init(headers: AnswerHeaders.begin)))
    }

    func end(_ id: HTTP2StreamID, _ status: RPCStatus) {
        guard let call = calls[id], !call.hasEnded else { return }
        call.abandon()
        writeLast(id, call.hasBegun ? AnswerHeaders.end(status) : AnswerHeaders.only(status))
    }

    /// The last header block. A client that is still sending is told to stop (RFC 9113, 8.1), when that block is out.
    func writeLast(_ id: HTTP2StreamID, _ headers: HPACKHeaders) {
        guard let call = calls[id], !call.hasEnded, let context else { return }
        calls[id]?.hasEnded = true
        let payload = HTTP2Frame.FramePayload.headers(.init(headers: headers, endStream: true))
        if call.isHalfClosed { return write(id, payload) }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenSuccess { [weak self] in
            guard let self, calls[id] != nil else { return }
            write(id, .rstStream(.noError))
            self.context?.flush()
        }
        write(id, payload, promise: promise)
    }

    // MARK: The end of the connection

    /// Tells the client to begin no more calls here, and closes when those that run have ended.
    func drainCalls() {
        guard !isDraining else { return }
        isDraining = true
        write(.rootStream, .goAway(lastStreamID: .maxID, errorCode: .noError, opaqueData: nil))
        context?.flush()
        closeIfDrained()
    }

    func endCalls() {
        isDraining = true
        for id in calls.keys { end(id, RPCStatus(.unavailable, "the server is shutting down")) }
        guard let context else { return }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [weak self] _ in self?.context?.close(promise: nil) }
        write(.rootStream, .goAway(lastStreamID: .maxID, errorCode: .noError, opaqueData: nil), promise: promise)
        context.flush()
    }

    func closeIfDrained() {
        guard isDraining, calls.isEmpty, let context else { return }
        // Behind all that was written before.
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [weak self] _ in
            guard let self, calls.isEmpty else { return }
            self.context?.close(promise: nil)
        }
        write(.rootStream, .goAway(lastStreamID: .maxID, errorCode: .noError, opaqueData: nil), promise: promise)
        context.flush()
    }
}
