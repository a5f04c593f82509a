import Glibc

/// Gives the proxy loop, which blocks, a thread of its own.
struct LoopThread: Sendable {
    let loop: ProxyLoop

    /// Returns when the loop has ended; cancelling the task ends it.
    func run() async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                start {
                    continuation.resume(with: Result { try loop.run() })
                } orFail: {
                    continuation.resume(throwing: $0)
                }
            }
        } onCancel: {
            loop.mailbox.send(.stop)
        }
    }

    private func start(_ body: @escaping () -> Void, orFail fail: (ThreadFailure) -> Void) {
        let carried = Unmanaged.passRetained(ThreadBody(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, carried.toOpaque())
        guard code == 0 else {
            carried.release()
            return fail(ThreadFailure(code: code))
        }
        pthread_detach(thread)
    }
}

/// Carries a closure across pthread_create.
private final class ThreadBody {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
}

struct ThreadFailure: Error, CustomStringConvertible {
    let code: CInt
    var description: String { "cannot start the proxy's thread: \(String(cString: strerror(code)))" }
}
