/// Order statistics of a non-empty sample.
struct Statistics: Sendable {
    private let sorted: [Double]

    /// nil for no values.
    init?(_ values: some Sequence<Double>) {
        sorted = values.sorted()
        if sorted.isEmpty { return nil }
    }

    var count: Int { sorted.count }
    var median: Double { percentile(50) }
    var smallest: Double { sorted[0] }
    var largest: Double { sorted[sorted.count - 1] }

    /// Nearest rank.
    func percentile(_ percent: Double) -> Double {
        let rank = (percent / 100 * Double(sorted.count)).rounded(.up)
        return sorted[min(max(Int(rank), 1), sorted.count) - 1]
    }
}
