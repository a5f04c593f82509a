import NIOCore
import Synchronization

/// A listener that is opened again and again until it stays open: another program may hold the port for a while, and
/// an address may not be there yet.
public final class PersistentListener: Sendable {
    private struct State {
        var listener: HTTPListener?
        var isClosed = false
        var hasFailed = false
    }

    private let state = Mutex(State())
    private let endpoint: HTTPEndpoint
    private let retry: TimeAmount
    private let report: @Sendable (Result<UInt16, ListenError>) -> Void

    init(
        _ endpoint: HTTPEndpoint, retryEvery retry: Duration,
        report: @escaping @Sendable (Result<UInt16, ListenError>) -> Void
    ) {
        self.endpoint = endpoint
        self.retry = TimeAmount(retry)
        self.report = report
    }

    /// nil while it is not open.
    public var port: UInt16? { state.withLock { $0.listener?.port } }

    /// Closes it for good; does not wait.
    public func close() {
        let listener = state.withLock { state in
            state.isClosed = true
            defer { state.listener = nil }
            return state.listener
        }
        listener?.close()
    }

    func open(on server: HTTPListeners, _ loop: any EventLoop) {
        guard !state.withLock({ $0.isClosed }) else { return }
        server.listen(endpoint) { [self] result in
            switch result {
            case .success(let listener): adopt(listener)
            case .failure(let error): failed(error, server, loop)
            }
        }
    }

    private func adopt(_ listener: HTTPListener) {
        let isClosed = state.withLock { state in
            if !state.isClosed { state.listener = listener }
            return state.isClosed
        }
        if isClosed { listener.close() } else { report(.success(listener.port)) }
    }

    /// Reports the first failure in a row alone.
    private func failed(_ error: ListenError, _ server: HTTPListeners, _ loop: any EventLoop) {
        let (isClosed, isNews) = state.withLock { state in
            defer { state.hasFailed = true }
            return (state.isClosed, !state.hasFailed)
        }
        guard !isClosed, !server.isStopped else { return }
        if isNews { report(.failure(error)) }
        loop.scheduleTask(in: retry) { self.open(on: server, loop) }
    }
}

extension HTTPListeners {
    /// Opens a listener, trying again as often as it takes. `report` hears, on the server's thread, the first failure
    /// and the port once it is open.
    public func keepListening(
        _ endpoint: HTTPEndpoint, retryEvery retry: Duration = .seconds(5),
        report: @escaping @Sendable (Result<UInt16, ListenError>) -> Void = { _ in }
    ) -> PersistentListener {
        let listener = PersistentListener(endpoint, retryEvery: retry, report: report)
        listener.open(on: self, loop)
        return listener
    }
}
