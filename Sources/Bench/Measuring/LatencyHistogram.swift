/// How often each latency occurred, to within 1.6 %, in a fixed space: 64 steps for each power of two of nanoseconds
/// (as HdrHistogram does).
struct LatencyHistogram: Sendable, Equatable {
    private static let steps = 64
    private var counts = [UInt32](repeating: 0, count: 64 * 40)
    private(set) var count = 0

    mutating func add(nanoseconds: Int) {
        counts[min(Self.index(max(0, nanoseconds)), counts.count - 1)] += 1
        count += 1
    }

    mutating func merge(_ other: LatencyHistogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
    }

    /// The nearest rank's latency in nanoseconds; 0 without any.
    func percentile(_ percent: Double) -> Double {
        guard count > 0 else { return 0 }
        let rank = max(1, Int((percent / 100 * Double(count)).rounded(.up)))
        var seen = 0
        for (index, number) in counts.enumerated() {
            seen += Int(number)
            if seen >= rank { return Self.middle(of: index) }
        }
        return Self.middle(of: counts.count - 1)
    }

    /// Values below 64 have a step each; above, the six bits after the highest choose the step.
    private static func index(_ value: Int) -> Int {
        guard value >= steps else { return value }
        let exponent = value.bitWidth - 1 - value.leadingZeroBitCount
        return (exponent - 5) * steps + (value >> (exponent - 6)) - steps
    }

    private static func middle(of index: Int) -> Double {
        guard index >= steps else { return Double(index) }
        let exponent = index / steps + 5
        let lowest = (index % steps + steps) << (exponent - 6)
        return Double(lowest) + Double(1 << (exponent - 6)) / 2
    }
}
