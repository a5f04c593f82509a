import Synchronization

/// Counts observations by size.
public final class Histogram: Metric {
    static let kind = MetricKind.histogram

    private struct State {
        /// Observations per bucket, not accumulated; the last one is infinite.
        var counts: [UInt64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(_ description: MetricDescription) {
        bounds = description.buckets
        state = Mutex(State(counts: Array(repeating: 0, count: description.buckets.count + 1)))
    }

    public func observe(_ value: Double) {
        let index = bucket(of: value)
        state.withLock {
            $0.counts[index] += 1
            $0.sum += value
        }
    }

    public func observe(_ duration: Duration) { observe(duration.seconds) }

    public var count: UInt64 { state.withLock { $0.counts.reduce(0, +) } }

    public var sum: Double { state.withLock { $0.sum } }

    /// The first bucket whose bound is not below `value`.
    private func bucket(of value: Double) -> Int {
        var (low, high) = (0, bounds.count)
        while low < high {
            let middle = (low + high) / 2
            if value <= bounds[middle] { high = middle } else { low = middle + 1 }
        }
        return low
    }

    func write(_ name: String, labels: String, to output: inout Exposition) {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        var total: UInt64 = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < bounds.count ? bounds[index] : .infinity
            let separator = labels.isEmpty ? "" : ","
            output.sample(
                name + "_bucket", labels: "\(labels)\(separator)le=\"\(Exposition.number(bound))\"",
                value: Double(total))
        }
        output.sample(name + "_sum", labels: labels, value: sum)
        output.sample(name + "_count", labels: labels, value: Double(total))
    }
}

extension Duration {
    /// Seconds with their fraction.
    public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
