/// What a number of the report says.
public struct BenchMetric: Sendable, Hashable {
    public enum Better: String, Sendable { case less, more }

    /// Such as `requests: answers`; the same for all modes.
    public let title: String
    /// `s`, `ms`, `µs`, `MiB`, `MB/s`, `/s`, `×`, `%` or none.
    public let unit: String
    public let better: Better
    /// Values differ by orders of magnitude: plots are logarithmic.
    public var isWide = false
    /// Also seen in a plot.
    public var isPlotted = true
    var isRatio: Bool { unit == "×" }

    init(_ title: String, _ unit: String, _ better: Better, isWide: Bool = false, isPlotted: Bool = true) {
        self.title = title
        self.unit = unit
        self.better = better
        self.isWide = isWide
        self.isPlotted = isPlotted
    }
}

/// A metric's number for one mode and one number of Services.
public struct BenchValue: Sendable {
    /// A mode's name, or that of an external target.
    public let contender: String
    /// nil where it does not matter: direct and external.
    public let services: Int?
    public let metric: BenchMetric
    public let statistics: Statistics
    /// Which percentile of the values is the number.
    public var percentile = 50.0

    public var number: Double { statistics.percentile(percentile) }

    /// Around a median of several values: from the smallest to the largest; of hundreds to the 95th percentile, for
    /// stragglers would hide the rest. nil where there is none.
    var spread: ClosedRange<Double>? {
        guard percentile == 50, statistics.count > 1 else { return nil }
        return statistics.smallest...(statistics.count > 50 ? statistics.percentile(95) : statistics.largest)
    }

    /// `1,000 (900–1,100)`
    var text: String {
        let bounds = spread.map { " (\(NumberText.short($0.lowerBound))–\(NumberText.short($0.upperBound)))" }
        return NumberText.short(number) + (bounds ?? "")
    }
}
