import AccessControl
import KubeAPI
import Synchronization
import Telemetry

/// Bounds how many requests are worked on at once: by priority level, within a level fairly between flows, and in total.
///
/// Each level has its share of the seats and may use what others lend and leave free. A request that finds none waits,
/// at most for `patience`. Watches and streams hold no seat.
public final class FlowController: FlowControl {
    public struct Limits: Sendable {
        /// Requests in flight: `--max-requests-inflight`, `--max-mutating-requests-inflight`.
        public var reading: Int
        public var mutating: Int
        /// How long a request waits for its seat.
        public var patience: Duration

        public init(reading: Int = 400, mutating: Int = 200, patience: Duration = .seconds(15)) {
            self.reading = reading
            self.mutating = mutating
            self.patience = patience
        }
    }

    private struct Waiter {
        let continuation: CheckedContinuation<Outcome, Never>
        let alarm: Task<Void, Never>
        /// How many of its kind wait.
        let queued: Gauge

        func resume(_ outcome: Outcome) {
            alarm.cancel()
            queued.add(-1)
            continuation.resume(returning: outcome)
        }
    }

    private enum Outcome { case seated, queueFull, timedOut }

    private struct State {
        var seats: FlowSeats<UInt64>
        var waiters: [UInt64: Waiter] = [:]
        var lastWaiter: UInt64 = 0
    }

    private let limits: Limits
    private let metrics: FlowMetrics
    private let state: Mutex<State>

    public init(
        _ configuration: FlowConfiguration = .bootstrap, limits: Limits = Limits(), metrics: MetricsRegistry? = nil
    ) {
        self.limits = limits
        self.metrics = FlowMetrics(metrics ?? MetricsRegistry())
        state = Mutex(State(seats: FlowSeats(configuration, total: limits.reading + limits.mutating)))
        self.metrics.setSeats(state.withLock { $0.seats.usage })
    }

    /// Takes a FlowSchema or PriorityLevelConfiguration, new or changed.
    public func upsert(_ object: JSONValue) { change { $0.upsert(object) } }

    public func remove(kind: String, name: String) { change { $0.remove(kind: kind, name: name) } }

    private func change(_ body: (inout FlowConfiguration) -> Void) {
        let (seated, usage) = state.withLock { state in
            (Self.take(state.seats.change(body), &state), state.seats.usage)
        }
        metrics.setSeats(usage)
        resume(seated)
    }

    // MARK: - Requests

    public func admit(
        _ attributes: RequestAttributes, isMutating: Bool, isLong: Bool
    ) async throws(Status) -> any FlowTicket {
        guard let place = state.withLock({ $0.seats.configuration.classify(attributes) }) else { return FreeTicket() }
        let headers = FlowHeaders(schemaUID: place.schema.uid, levelUID: place.level.uid)
        guard !isLong, !place.level.isExempt else { return FreeTicket(headers) }
        let (schema, level) = (place.schema, place.level.name)
        let flow = metrics.flow(schema: schema.name, level: level)
        let outcome = await seat(schema: schema.name, level: level, flow: schema.flow(of: attributes), flow.waiting)
        switch outcome {
        case .seated: break
        case .queueFull: metrics.reject(schema: schema.name, level: level, reason: "queue-full")
        case .timedOut: metrics.reject(schema: schema.name, level: level, reason: "time-out")
        }
        guard case .seated = outcome else { throw Self.tooMany }
        flow.dispatched.increment()
        flow.executing.add(1)
        return Seat(headers) { [self] in
            flow.executing.add(-1)
            finish(level)
        }
    }

    private static let tooMany = Status(
        code: 429, reason: "TooManyRequests", message: "Too many requests, please try again later.",
        retryAfterSeconds: 1)

    private func seat(schema: String, level: String, flow: String, _ queued: Gauge) async -> Outcome {
        let waiter = state.withLock { state in
            state.lastWaiter &+= 1
            return state.lastWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { state -> Outcome? in
                    switch state.seats.arrive(waiter, level: level, schema: schema, flow: flow) {
                    case .seated: return .seated
                    case .refused: return .queueFull
                    case .waiting:
                        state.waiters[waiter] = Waiter(
                            continuation: continuation, alarm: alarm(waiter, level, isCancelled: Task.isCancelled),
                            queued: queued)
                        queued.add(1)
                        return nil
                    }
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            giveUp(waiter, level)
        }
    }

    private func alarm(_ waiter: UInt64, _ level: String, isCancelled: Bool) -> Task<Void, Never> {
        Task { [self] in
            if !isCancelled { try? await Task.sleep(for: limits.patience) }
            if !Task.isCancelled { giveUp(waiter, level) }
        }
    }

    private func giveUp(_ waiter: UInt64, _ level: String) {
        let gone = state.withLock { state -> Waiter? in
            guard state.seats.cancel(waiter, level: level) else { return nil }
            return state.waiters.removeValue(forKey: waiter)
        }
        gone?.resume(.timedOut)
    }

    private func finish(_ level: String) {
        resume(state.withLock { Self.take($0.seats.finish(level: level), &$0) })
    }

    private static func take(_ waiters: [UInt64], _ state: inout State) -> [Waiter] {
        waiters.compactMap { state.waiters.removeValue(forKey: $0) }
    }

    private func resume(_ waiters: [Waiter]) {
        for waiter in waiters { waiter.resume(.seated) }
    }
}
