/// How long a failed item waits: its own exponential backoff and everyone's bucket, whichever is longer, as client-go's
/// default rate limiter of controllers.
public struct RetryLimiter<Key: Hashable & Sendable, Instant: InstantProtocol>: Sendable
where Instant.Duration == Duration {
    public struct Policy: Sendable {
        public var initial: Duration
        public var limit: Duration
        /// Retries per second over all items; zero or less means no limit.
        public var rate: Double
        public var burst: Int

        public init(
            initial: Duration = .milliseconds(5), limit: Duration = .seconds(1000), rate: Double = 10,
            burst: Int = 100
        ) {
            self.initial = initial
            self.limit = limit
            self.rate = rate
            self.burst = burst
        }
    }

    private let policy: Policy
    private var failures: [Key: Int] = [:]
    private var bucket: TokenBucket<Instant>

    public init(_ policy: Policy = Policy(), now: Instant) {
        self.policy = policy
        bucket = TokenBucket(rate: policy.rate, burst: policy.burst, now: now)
    }

    /// Counts a failure of the item and says how long to wait.
    public mutating func delay(_ key: Key, at now: Instant) -> Duration {
        let count = failures[key, default: 0]
        failures[key] = count + 1
        return max(Self.step(policy, count), bucket.take(at: now))
    }

    private static func step(_ policy: Policy, _ count: Int) -> Duration {
        // 2^40 times a microsecond are twelve days: further doubling changes nothing and would overflow.
        let doublings = min(count, 40)
        let step = policy.initial * (1 << doublings)
        return min(step, policy.limit)
    }

    /// The item is well again.
    public mutating func forget(_ key: Key) { failures[key] = nil }

    public func failureCount(_ key: Key) -> Int { failures[key] ?? 0 }
}
