import Threads

/// Gives the proxy loop, which blocks, a thread of its own.
struct LoopThread: Sendable {
    let loop: ProxyLoop

    /// Returns when the loop has ended; cancelling the task ends it.
    func run() async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                do {
                    try OwnThread { continuation.resume(with: Result { try loop.run() }) }.detach()
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        } onCancel: {
            loop.mailbox.send(.stop)
        }
    }
}
