/// Exponential delays with jitter; forgets past failures after a time of health.
///
/// Each delay lies between half the current step and the whole step, so that clients that failed together
/// do not come back together.
public struct Backoff: Sendable {
    public struct Policy: Sendable {
        public var initial: Duration
        public var limit: Duration
        /// Without a failure for this long, the next one starts at `initial` again.
        public var resetAfter: Duration

        public init(
            initial: Duration = .milliseconds(800), limit: Duration = .seconds(30), resetAfter: Duration = .seconds(120)
        ) {
            self.initial = initial
            self.limit = limit
            self.resetAfter = resetAfter
        }
    }

    private let policy: Policy
    private var step: Duration
    private var lastFailure: ContinuousClock.Instant?

    public init(_ policy: Policy = Policy()) {
        self.policy = policy
        self.step = policy.initial
    }

    /// True when no failure is remembered.
    public func isAtRest(at now: ContinuousClock.Instant) -> Bool {
        lastFailure.map { now - $0 > policy.resetAfter } ?? true
    }

    /// Counts a failure and says how long to wait; `random` is in 0..<1.
    public mutating func next(at now: ContinuousClock.Instant, random: Double) -> Duration {
        if isAtRest(at: now) { step = policy.initial }
        lastFailure = now
        let delay = step * (0.5 + random / 2)
        step = min(step * 2, policy.limit)
        return delay
    }
}
