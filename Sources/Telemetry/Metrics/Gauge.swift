import Synchronization

/// A number that goes up and down.
public final class Gauge: Metric {
    static let kind = MetricKind.gauge
    /// The number's bit pattern.
    private let bits = Atomic<UInt64>(0)

    init(_ description: MetricDescription) {}

    public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    public func set(_ value: Int) { set(Double(value)) }

    public func add(_ amount: Int) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + Double(amount)).bitPattern
            let (exchanged, current) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = current
        }
    }

    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func write(_ name: String, labels: String, to output: inout Exposition) {
        output.sample(name, labels: labels, value: value)
    }
}
