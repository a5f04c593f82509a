/// Order statistics of a non-empty sample.
public struct Statistics: Sendable {
    private let sorted: [Double]

    /// nil for no values.
    public init?(_ values: some Sequence<Double>) {
        sorted = values.sorted()
        if sorted.isEmpty { return nil }
    }

    public var count: Int { sorted.count }
    public var median: Double { percentile(50) }
    public var smallest: Double { sorted[0] }
    public var largest: Double { sorted[sorted.count - 1] }

    /// Nearest rank.
    public func percentile(_ percent: Double) -> Double {
        let rank = (percent / 100 * Double(sorted.count)).rounded(.up)
        return sorted[min(max(Int(rank), 1), sorted.count) - 1]
    }
}
