import ControlLoops
import TestRandom
import Testing

@Suite struct RetryLimiterTests {
    @Test func theLongestBackoffDoesNotOverflow() {
        let start = ContinuousClock.now
        var limiter = RetryLimiter<Int, ContinuousClock.Instant>(.init(rate: 0), now: start)
        var last = Duration.zero
        for _ in 0..<200 { last = limiter.delay(1, at: start) }
        #expect(last == .seconds(1000))
    }

    @Test func theHeapGivesTheLeastFirst() {
        var random = SeededRandom(seed: 9)
        var heap = PriorityHeap<UInt64> { $0 < $1 }
        let numbers = (0..<500).map { _ in random.next() % 100 }
        for number in numbers { heap.insert(number) }
        var sorted: [UInt64] = []
        while let next = heap.popFirst() { sorted.append(next) }
        #expect(sorted == numbers.sorted() && heap.isEmpty && heap.first == nil)
    }
}
