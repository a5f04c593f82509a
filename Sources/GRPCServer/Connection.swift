import NIOCore
import NIOHTTP2
import Synchronization

/// What is to be written on one connection, from whichever thread. The event loop is woken once for all that has come
/// until it looks.
final class Connection: Sendable {
    enum Outbound: Sendable {
        /// The only message of a call, and its end.
        case answer(HTTP2StreamID, Encode)
        /// An answer that may be long: to be made when there is room, and made.
        case beginLong(HTTP2StreamID, @Sendable () async throws -> Encode)
        case long(HTTP2StreamID, Result<ByteBuffer, any Error>)
        /// Some of a stream's messages.
        case messages(HTTP2StreamID, ByteBuffer, RPCStream)
        case end(HTTP2StreamID, RPCStatus)
        /// A stream's client may send more.
        case room(HTTP2StreamID)
    }

    private struct State {
        var waiting: [Outbound] = []
        /// nil once the connection is closed.
        var handler: NIOLoopBound<ConnectionHandler>?
    }

    private let eventLoop: any EventLoop
    private let state = Mutex(State())
    /// Of all streams' messages that came and nobody has taken.
    let unreadBytes = Atomic<Int>(0)

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func open(_ handler: ConnectionHandler) {
        let handler = NIOLoopBound(handler, eventLoop: eventLoop)
        state.withLock { $0.handler = handler }
    }

    /// What comes from now on is dropped.
    func close() { state.withLock { $0 = State() } }

    func enqueue(_ outbound: Outbound) {
        let handler: NIOLoopBound<ConnectionHandler>? = state.withLock { state in
            guard let handler = state.handler else { return nil }
            state.waiting.append(outbound)
            return state.waiting.count == 1 ? handler : nil
        }
        guard let handler else { return }
        // While it reads, it looks by itself when it has read.
        if eventLoop.inEventLoop, handler.value.isReading { return }
        eventLoop.execute { handler.value.drain() }
    }

    func after(_ delay: TimeAmount, _ body: @escaping @Sendable () -> Void) -> Scheduled<Void> {
        eventLoop.scheduleTask(in: delay, body)
    }

    func take() -> [Outbound] {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }
}
