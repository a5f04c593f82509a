import ControlLoops
import Testing

@testable import KubeClient

@Suite struct BackoffTests {
    private let start = ContinuousClock.now

    @Test func doublesToTheLimitWithinItsJitter() {
        var backoff = Backoff()
        let steps = [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30]
        for step in steps {
            var other = backoff
            #expect(abs(backoff.next(at: start, random: 0) / .seconds(1) - step / 2) < 1e-9)
            let high = other.next(at: start, random: 0.999_999) / .seconds(1)
            #expect(high <= step && high > step * 0.99)
        }
    }

    @Test func forgetsAfterHealth() {
        var backoff = Backoff()
        #expect(backoff.isAtRest(at: start))
        for _ in 0..<5 { _ = backoff.next(at: start, random: 0) }
        #expect(!backoff.isAtRest(at: start + .seconds(120)))
        #expect(backoff.isAtRest(at: start + .seconds(121)))
        #expect(backoff.next(at: start + .seconds(121), random: 0) == .milliseconds(400))
    }
}

@Suite struct TokenBucketTests {
    @Test func allowsTheBurstThenTheRate() {
        let start = ContinuousClock.now
        var bucket = TokenBucket(rate: 10, burst: 3, now: start)
        let delays = (0..<5).map { _ in bucket.take(at: start) / .milliseconds(1) }
        #expect(delays.map { ($0 * 1000).rounded() / 1000 } == [0, 0, 0, 100, 200])
        #expect(bucket.take(at: start + .seconds(10)) == .zero)
    }

    @Test func neverSavesMoreThanTheBurst() {
        let start = ContinuousClock.now
        var bucket = TokenBucket(rate: 10, burst: 2, now: start)
        let later = start + .seconds(3600)
        #expect(bucket.take(at: later) == .zero)
        #expect(bucket.take(at: later) == .zero)
        #expect(bucket.take(at: later) > .zero)
    }

    @Test func noRateMeansNoLimit() {
        var bucket = TokenBucket(rate: 0, burst: 1, now: ContinuousClock.now)
        #expect((0..<1000).allSatisfy { _ in bucket.take(at: ContinuousClock.now) == .zero })
    }
}
