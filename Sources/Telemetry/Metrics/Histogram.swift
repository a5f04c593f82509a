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
        output.histogram(name, labels: labels, bounds: bounds, counts: counts, sum: sum)
    }
}

extension Duration {
    /// Seconds with their fraction.
    public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
