import StoreCore
import Synchronization

/// Hands what a watch has read to the one who reads it: a few responses wait, then the stream does.
final class WatchInbox: Sendable {
    private static let most = 16

    private struct State {
        var waiting: [WatchBatch] = []
        /// What has been read from the stream, and what has been handed out.
        var received: Revision = 0
        var position: Revision = 0
        var ended: (any Error)?
        var reader: CheckedContinuation<Void, Never>?
        var writer: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func begin(at revision: Revision) {
        state.withLock { state in
            state.received = max(state.received, revision)
            state.position = max(state.position, revision)
        }
    }

    var received: Revision { state.withLock { $0.received } }
    var position: Revision { state.withLock { $0.position } }

    /// Returns when there is room for more.
    func add(_ batch: WatchBatch) async {
        let reader = state.withLock { state in
            state.received = max(state.received, batch.revision)
            if batch.events.isEmpty {
                // Progress alone, of which the latest counts; it is told when nothing waits before it.
                if state.waiting.isEmpty { state.position = max(state.position, batch.revision) }
            } else {
                state.waiting.append(batch)
            }
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayGoOn = state.withLock { state in
                    if state.waiting.count < Self.most || Task.isCancelled { return true }
                    state.writer = continuation
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        } onCancel: {
            takeWriter()?.resume()
        }
    }

    private func takeWriter() -> CheckedContinuation<Void, Never>? {
        state.withLock { state in
            defer { state.writer = nil }
            return state.writer
        }
    }

    private func takeReader() -> CheckedContinuation<Void, Never>? {
        state.withLock { state in
            defer { state.reader = nil }
            return state.reader
        }
    }

    func end(_ error: any Error) {
        state.withLock { state in if state.ended == nil { state.ended = error } }
        takeReader()?.resume()
    }

    /// The next changes; one caller at a time.
    func next() async throws -> WatchBatch {
        while true {
            try Task.checkCancellation()
            let (batch, writer): (WatchBatch?, CheckedContinuation<Void, Never>?) = try state.withLock { state in
                if state.waiting.isEmpty {
                    if let ended = state.ended { throw ended }
                    return (nil, nil)
                }
                let batch = state.waiting.removeFirst()
                state.position = max(state.position, batch.revision)
                defer { state.writer = nil }
                return (batch, state.writer)
            }
            writer?.resume()
            if let batch { return batch }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let mayGoOn = state.withLock { state in
                        if !state.waiting.isEmpty || state.ended != nil || Task.isCancelled { return true }
                        state.reader = continuation
                        return false
                    }
                    if mayGoOn { continuation.resume() }
                }
            } onCancel: {
                takeReader()?.resume()
            }
        }
    }
}
