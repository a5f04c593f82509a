import NIOCore
import StoreCore
import Synchronization

/// One client's place in a group.
final class WatchMember: Sendable {
    enum Outcome: Sendable {
        /// Its time is over.
        case time
        /// It goes on by itself: its client is slow, or the group has ended.
        case alone
        case cancelled
    }

    private struct State {
        var seen: Revision
        var outcome: Outcome?
        var waiter: CheckedContinuation<Outcome, Never>?
    }

    private let writer: ResponseWriter
    private let takesBookmarks: Bool
    private let state: Mutex<State>

    init(_ writer: ResponseWriter, seen: Revision, takesBookmarks: Bool) {
        self.writer = writer
        self.takesBookmarks = takesBookmarks
        state = Mutex(State(seen: seen))
    }

    var loop: any EventLoop { writer.loop }

    /// Nothing up to it is missing from what was written.
    var seen: Revision { state.withLock(\.seen) }

    /// Writes what is new to it; on its event loop. The number of events.
    func take(_ news: WatchNews) -> Int {
        let part = state.withLock { state -> (bytes: ByteBuffer, count: Int)? in
            guard state.outcome == nil, !news.isBookmark || takesBookmarks else { return nil }
            guard let part = news.after(state.seen) else { return nil }
            state.seen = max(state.seen, news.revision)
            return part
        }
        guard let part else { return 0 }
        if !writer.writeNow(part.bytes) { end(.alone) }
        return news.isBookmark ? 0 : part.count
    }

    /// The first to say so is right. Nothing is written after it.
    func end(_ outcome: Outcome) {
        let waiter = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
            guard state.outcome == nil else { return nil }
            state.outcome = outcome
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: outcome)
    }

    /// Until the time is over, or it cannot stay.
    func stay(until end: ContinuousClock.Instant) async -> Outcome {
        let timer = loop.scheduleTask(in: .milliseconds(Int64((end - .now) / .milliseconds(1)))) { self.end(.time) }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { state -> Outcome? in
                    if state.outcome == nil { state.waiter = continuation }
                    return state.outcome
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            self.end(.cancelled)
        }
    }
}
