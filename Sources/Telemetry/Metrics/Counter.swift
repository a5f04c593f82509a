import Synchronization

/// A number that only grows.
public final class Counter: Metric {
    static let kind = MetricKind.counter
    private let count = Atomic<UInt64>(0)

    init(_ description: MetricDescription) {}

    public func increment(by amount: UInt64 = 1) { count.wrappingAdd(amount, ordering: .relaxed) }

    public var value: UInt64 { count.load(ordering: .relaxed) }

    func write(_ name: String, labels: String, to output: inout Exposition) {
        output.sample(name, labels: labels, value: Double(value))
    }
}
