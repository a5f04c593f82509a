import Dispatch
import StoreCore
import Synchronization

/// Requests on their way to the writer, in the order in which they came.
final class WriteQueue: Sendable {
    enum Request: Sendable {
        case apply(Transaction, @Sendable (Result<TransactionResult, any Error>) -> Void)
        case compact(Revision, @Sendable (Result<Void, any Error>) -> Void)
        case grant(LeaseID, seconds: Int64, @Sendable (Result<Lease, any Error>) -> Void)
        case keepAlive(LeaseID, @Sendable (Result<Lease, any Error>) -> Void)
        case revoke(LeaseID, @Sendable (Result<Revision, any Error>) -> Void)
        /// Somebody has set the clock.
        case shiftLeases(milliseconds: Int64)

        func fail(_ error: any Error) {
            switch self {
            case .apply(_, let done): done(.failure(error))
            case .compact(_, let done): done(.failure(error))
            case .grant(_, _, let done): done(.failure(error))
            case .keepAlive(_, let done): done(.failure(error))
            case .revoke(_, let done): done(.failure(error))
            case .shiftLeases: return
            }
        }
    }

    private struct State {
        var waiting: [Request] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let signal = DispatchSemaphore(value: 0)

    func add(_ request: Request) {
        // One signal for any number of requests that the writer takes together.
        let place: Int? = state.withLock { state in
            if state.isClosed { return nil }
            state.waiting.append(request)
            return state.waiting.count
        }
        guard let place else { return request.fail(StoreError.unavailable("the store is closed")) }
        if place == 1 { signal.signal() }
    }

    /// Nobody waits, and somebody may.
    var isIdle: Bool { state.withLock { $0.waiting.isEmpty && !$0.isClosed } }

    /// Wakes the writer without a request.
    func nudge() { signal.signal() }

    /// Everything that waits; waits at most `milliseconds` for the first. nil once closed and empty.
    func take(milliseconds: Int?) -> [Request]? {
        let deadline = milliseconds.map { DispatchTime.now() + .milliseconds($0) } ?? .distantFuture
        _ = signal.wait(timeout: deadline)
        return state.withLock { state in
            if state.waiting.isEmpty, state.isClosed { return nil }
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        signal.signal()
    }
}
