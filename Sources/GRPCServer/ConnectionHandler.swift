import NIOCore
import NIOHPACK
import NIOHTTP2

/// The calls of one HTTP/2 connection, over its frames: no channel and no task for each stream. Confined to its event
/// loop; answers come through `Connection`. What is written while it reads, or from other threads meanwhile, is flushed
/// once.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private let methods: MethodTable
    let limits: RPCLimits
    let connection: Connection
    var backlog = AnswerBacklog()
    var calls: [HTTP2StreamID: OpenCall] = [:]
    private var heldBytes = 0
    private(set) var context: ChannelHandlerContext?
    private(set) var isReading = false
    var needsFlush = false
    var isDraining = false
    private var greeting: Scheduled<Void>?

    init(_ methods: MethodTable, _ limits: RPCLimits, _ eventLoop: any EventLoop) {
        self.methods = methods
        self.limits = limits
        connection = Connection(eventLoop)
    }

    // MARK: The connection

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        connection.open(self)
        let channel = context.channel
        greeting = context.eventLoop.scheduleTask(in: limits.greeting) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        greeting?.cancel()
        connection.close()
        self.context = nil
        let abandoned = calls.values
        calls = [:]
        backlog = AnswerBacklog()
        for call in abandoned { call.abandon() }
    }

    /// What is wrong with one stream that is gone concerns no other.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is NIOHTTP2Errors.NoSuchStream || error is NIOHTTP2Errors.StreamClosed { return }
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let window as NIOHTTP2WindowUpdatedEvent: widen(window)
        case let closed as StreamClosedEvent: forget(closed.streamID)
        case is ChannelShouldQuiesceEvent: drainCalls()
        case is EndOfCalls: endCalls()
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    // MARK: Frames

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        let frame = unwrapInboundIn(data)
        switch frame.payload {
        case .data(let data):
            guard case .byteBuffer(let bytes) = data.data else { return }
            receive(bytes, isEnd: data.endStream, on: frame.streamID)
        case .headers(let headers):
            if calls[frame.streamID] == nil {
                open(frame.streamID, headers.headers, isEnd: headers.endStream)
            } else if headers.endStream {
                receive(nil, isEnd: true, on: frame.streamID)
            }
        case .settings:
            greeting?.cancel()
            greeting = nil
        default: return
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        drain()
        context.fireChannelReadComplete()
    }

    private func open(_ id: HTTP2StreamID, _ headers: HPACKHeaders, isEnd: Bool) {
        if isDraining { return write(id, .rstStream(.refusedStream)) }
        do throws(CallHead.Refusal) {
            let head = try CallHead(headers)
            start(id, try methods.find(head.path), head)
            if isEnd { receive(nil, isEnd: true, on: id) }
        } catch {
            calls[id] = OpenCall(nil, messageBytes: 0)
            if isEnd { receive(nil, isEnd: true, on: id) }
            switch error {
            case .call(let status): end(id, status)
            case .http(let status): writeLast(id, AnswerHeaders.http(status: status))
            }
        }
    }

    private func start(_ id: HTTP2StreamID, _ method: MethodTable.Method, _ head: CallHead) {
        if case .stream(let body) = method {
            let stream = RPCStream(id, connection, limits)
            let task = Task {
                do {
                    try await body(stream)
                    stream.end(.ok)
                } catch {
                    stream.end(RPCStatus(error))
                }
            }
            var call = OpenCall(method, stream: stream, messageBytes: limits.messageBytes)
            call.cancel = { task.cancel() }
            calls[id] = call
        } else {
            calls[id] = OpenCall(method, messageBytes: limits.messageBytes)
        }
        guard let timeout = head.timeout else { return }
        let reply = Reply(connection: connection, id: id)
        calls[id]?.deadline = connection.after(timeout) {
            reply.fail(RPCStatus(.deadlineExceeded, "the call took longer than its caller would wait"))
        }
    }

    private func receive(_ bytes: ByteBuffer?, isEnd: Bool, on id: HTTP2StreamID) {
        guard let before = calls[id]?.heldBytes else { return }
        do throws(RPCStatus) {
            let messages = try calls[id]?.receive(bytes, isEnd: isEnd) ?? []
            heldBytes += (calls[id]?.heldBytes ?? 0) - before
            let holds = calls[id].map { $0.heldBytes > 0 || $0.stream != nil } ?? false
            if holds, heldBytes + connection.unreadBytes.load(ordering: .relaxed) > limits.unfinishedBytes {
                throw RPCStatus(.resourceExhausted, "this connection's calls hold too much that nobody has taken")
            }
            serve(messages, isEnd: isEnd, on: id)
        } catch {
            end(id, error)
        }
    }

    private func serve(_ messages: [ByteBuffer], isEnd: Bool, on id: HTTP2StreamID) {
        switch calls[id]?.method {
        case .direct(let body):
            if let request = messages.first { body(request, Reply(connection: connection, id: id)) }
        case .task(let body):
            guard let request = messages.first else { return }
            let reply = Reply(connection: connection, id: id)
            let task = Task {
                do {
                    reply.send(try await body(request))
                } catch {
                    reply.fail(error)
                }
            }
            calls[id]?.cancel = { task.cancel() }
        case .stream: calls[id]?.stream?.receive(messages, isEnd: isEnd)
        case nil: return
        }
    }

    /// The stream is closed on both sides.
    private func forget(_ id: HTTP2StreamID) {
        guard let call = calls.removeValue(forKey: id) else { return }
        heldBytes -= call.heldBytes
        backlog.forget(id)
        call.abandon()
        closeIfDrained()
    }

    // MARK: Windows

    /// What the client may still send: the connection's share is given back at once, a stream's when its method takes
    /// what comes.
    private func widen(_ window: NIOHTTP2WindowUpdatedEvent) {
        guard let size = window.inboundWindowSize, size < Self.window / 2 else { return }
        let id = window.streamID
        if id != .rootStream {
            guard let call = calls[id], !call.isHalfClosed, call.stream?.hasRoom() ?? true else { return }
        }
        write(id, .windowUpdate(windowSizeIncrement: Self.window - size))
    }

    static let window = 1 << 20

    /// A stream's method has taken what had come.
    func widen(_ id: HTTP2StreamID) {
        guard let call = calls[id], !call.isHalfClosed else { return }
        write(id, .windowUpdate(windowSizeIncrement: Self.window / 2))
    }

    // MARK: Writing

    func drain() {
        for outbound in connection.take() { perform(outbound) }
        flushIfNeeded()
    }

    func flushIfNeeded() {
        guard needsFlush else { return }
        needsFlush = false
        context?.flush()
    }

    func write(_ id: HTTP2StreamID, _ payload: HTTP2Frame.FramePayload, promise: EventLoopPromise<Void>? = nil) {
        guard let context else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        needsFlush = true
        context.write(wrapOutboundOut(HTTP2Frame(streamID: id, payload: payload)), promise: promise)
    }
}

/// The server ends, and with it the calls that are left.
struct EndOfCalls: Sendable {}
