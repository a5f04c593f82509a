import Testing

@testable import Bench

@Suite struct LatencyHistogramTests {
    @Test(arguments: [0, 1, 63, 64, 65, 1000, 123_456, 50_000_000, 9_876_543_210]) func valuesAreKeptClosely(value: Int)
    {
        var histogram = LatencyHistogram()
        histogram.add(nanoseconds: value)
        #expect(abs(histogram.percentile(50) - Double(value)) <= Double(value) * 0.016)
    }

    @Test func percentilesAreThoseOfTheSortedValues() {
        var first = LatencyHistogram()
        var second = LatencyHistogram()
        for value in 1...500 { first.add(nanoseconds: value * 1000) }
        for value in 501...1000 { second.add(nanoseconds: value * 1000) }
        first.merge(second)
        for percent in [1.0, 50, 90, 99, 99.9] {
            #expect(abs(first.percentile(percent) - percent * 10_000) <= percent * 160, "p\(percent)")
        }
    }

    @Test func emptyHasNoLatency() { #expect(LatencyHistogram().percentile(99) == 0) }
}
