import Glibc

/// Horizontal bars with their values written at the end.
struct BarPlot {
    struct Bar {
        let label: String
        let value: Double
        let text: String
        let isAccented: Bool
    }

    enum Scale { case linear, logarithmic }

    let title: String
    let bars: [Bar]
    let scale: Scale

    private static let labelWidth = 340.0
    private static let barWidth = 420.0
    private static let rowHeight = 26.0
    private static let top = 40.0

    var svg: String {
        var svg = SVG(width: 860, height: Self.top + Double(bars.count) * Self.rowHeight + 10)
        svg.text(title, x: 10, y: 24, size: 15)
        for (index, bar) in bars.enumerated() {
            let y = Self.top + Double(index) * Self.rowHeight
            let width = max(2, Self.barWidth * share(bar.value))
            svg.text(bar.label, x: Self.labelWidth - 8, y: y + 15, anchor: .end)
            svg.rectangle(
                x: Self.labelWidth, y: y + 2, width: width, height: Self.rowHeight - 8,
                fill: bar.isAccented ? SVG.palette[0] : SVG.quiet)
            svg.text(bar.text, x: Self.labelWidth + width + 6, y: y + 15)
        }
        return svg.document
    }

    /// 0...1 of the largest value's length.
    private func share(_ value: Double) -> Double {
        let largest = bars.map(\.value).max() ?? 1
        guard value > 0, largest > 0 else { return 0 }
        switch scale {
        case .linear: return value / largest
        case .logarithmic:
            // The smallest value keeps a tenth of the length.
            let smallest = bars.map(\.value).filter { $0 > 0 }.min() ?? value
            guard largest > smallest else { return 1 }
            return 0.1 + 0.9 * log(value / smallest) / log(largest / smallest)
        }
    }
}
