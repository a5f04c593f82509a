/// A rate limit: `burst` tokens at once, `rate` per second after that.
public struct TokenBucket<Instant: InstantProtocol>: Sendable where Instant.Duration == Duration {
    private let rate: Double
    private let burst: Double
    private var tokens: Double
    private var updated: Instant

    /// `rate` is in tokens per second; zero or less means no limit.
    public init(rate: Double, burst: Int, now: Instant) {
        self.rate = rate
        self.burst = Double(max(burst, 1))
        self.tokens = self.burst
        self.updated = now
    }

    /// Takes one token, in advance if there is none, and says how long to wait before using it.
    public mutating func take(at now: Instant) -> Duration {
        guard rate > 0 else { return .zero }
        if now > updated {
            tokens = min(burst, tokens + updated.duration(to: now) / .seconds(1) * rate)
            updated = now
        }
        tokens -= 1
        return tokens >= 0 ? .zero : .seconds(-tokens / rate)
    }
}
