import ControlLoops
import TestRandom
import Testing

@Suite struct WorkQueueTests {
    typealias Queue = WorkQueue<String, ContinuousClock.Instant>
    let start = ContinuousClock.now

    @Test func anItemIsThereOnceHoweverOftenItIsAdded() {
        var queue = Queue(now: start)
        queue.add("a")
        queue.add("b")
        queue.add("a")
        #expect(queue.count == 2)
        #expect(queue.next(now: start) == "a")
        #expect(queue.next(now: start) == "b")
        #expect(queue.next(now: start) == nil)
    }

    @Test func anItemAddedDuringItsWorkComesAgainAfterIt() {
        var queue = Queue(now: start)
        queue.add("a")
        #expect(queue.next(now: start) == "a")
        queue.add("a")
        #expect(queue.next(now: start) == nil, "no two workers hold one item")
        queue.done("a")
        #expect(queue.next(now: start) == "a")
        queue.done("a")
        #expect(queue.next(now: start) == nil && queue.isIdle)
    }

    @Test func theEarlierOfTwoDelaysCounts() {
        var queue = Queue(now: start)
        queue.add("a", after: .seconds(10), now: start)
        queue.add("a", after: .seconds(2), now: start)
        queue.add("a", after: .seconds(5), now: start)
        #expect(queue.nextDue == start + .seconds(2))
        #expect(queue.next(now: start + .seconds(1)) == nil)
        #expect(queue.next(now: start + .seconds(2)) == "a")
        queue.done("a")
        #expect(queue.next(now: start + .seconds(20)) == nil, "the later times were given up")
        #expect(queue.isIdle && queue.nextDue == nil)
    }

    @Test func failuresBackOffExponentiallyAndHealthForgets() {
        var queue = Queue(.init(initial: .milliseconds(5), limit: .seconds(1), rate: 0), now: start)
        var now = start
        for expected in [5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000] {
            queue.retry("a", now: now)
            #expect(queue.nextDue == now + .milliseconds(expected))
            now += .milliseconds(expected)
            #expect(queue.next(now: now) == "a")
            queue.done("a")
        }
        #expect(queue.failureCount("a") == 10)
        queue.forget("a")
        queue.retry("a", now: now)
        #expect(queue.nextDue == now + .milliseconds(5))
    }

    @Test func allRetriesShareABucket() {
        var queue = Queue(.init(initial: .milliseconds(1), limit: .seconds(1), rate: 10, burst: 2), now: start)
        for key in ["a", "b", "c", "d"] { queue.retry(key, now: start) }
        #expect(queue.next(now: start + .milliseconds(1)) == "a")
        #expect(queue.next(now: start + .milliseconds(1)) == "b")
        #expect(queue.next(now: start + .milliseconds(1)) == nil)
        #expect(queue.next(now: start + .milliseconds(100)) == "c")
        #expect(queue.next(now: start + .milliseconds(200)) == "d")
    }

    /// Whatever is done in whatever order: nothing that was added is lost, and nothing is held twice.
    @Test(arguments: 0..<20) func nothingIsLost(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var queue = Queue(.init(rate: 0), now: start)
        var now = start
        var owed: Set<String> = []
        var held: Set<String> = []
        for _ in 0..<2000 {
            let key = "k\(random.next() % 8)"
            switch random.next() % 5 {
            case 0:
                queue.add(key)
                owed.insert(key)
            case 1:
                queue.add(key, after: .milliseconds(Int(random.next() % 50)), now: now)
                owed.insert(key)
            case 2:
                if let next = queue.next(now: now) {
                    #expect(held.insert(next).inserted, "seed \(seed)")
                    owed.remove(next)
                }
            case 3:
                if let done = held.randomElement(using: &random) {
                    held.remove(done)
                    queue.done(done)
                }
            default: now += .milliseconds(Int(random.next() % 10))
            }
        }
        for key in held { queue.done(key) }
        now += .seconds(1)
        while let next = queue.next(now: now) {
            owed.remove(next)
            queue.done(next)
        }
        #expect(owed.isEmpty && queue.isIdle, "seed \(seed)")
    }

    @Test func figuresTellHowLongItemsWaitAndWorkTakes() {
        var queue = Queue(.init(initial: .seconds(1), rate: 0), now: start)
        queue.add("a", now: start)
        queue.add("a", now: start + .seconds(1))
        #expect(queue.next(now: start + .seconds(3)) == "a")
        #expect(queue.additions == 1 && queue.lastWait == .seconds(3), "it is there once, since the first time")
        #expect(queue.workTimes(now: start + .seconds(5)) == [.seconds(2)])
        queue.retry("a", now: start + .seconds(5))
        queue.done("a")
        #expect(queue.workTimes(now: start + .seconds(6)).isEmpty && queue.retries == 1)
        #expect(queue.next(now: start + .seconds(8)) == "a")
        #expect(queue.additions == 2 && queue.lastWait == .seconds(2), "a backoff is no waiting")
    }
}
