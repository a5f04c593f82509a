/// Horizontal bars of one metric: a group for each number of Services, a bar for each contender, a whisker from the
/// smallest to the largest value. Colours and fonts come from the page's style.
struct ModeChart {
    struct Bar {
        /// Chooses the colour: the contender's place among all.
        let colour: Int
        let label: String
        let value: Double
        let low: Double
        let high: Double
    }

    struct Group {
        /// Empty where there is but one.
        let title: String
        let bars: [Bar]
    }

    let groups: [Group]
    let unit: String
    let isLogarithmic: Bool

    private static let labelWidth = 118.0
    private static let plotWidth = 250.0
    private static let rowHeight = 20.0
    private static let titleHeight = 24.0
    private static let width = 470.0

    var svg: String {
        var y = 0.0
        var body = ""
        for group in groups where !group.bars.isEmpty {
            if !group.title.isEmpty {
                y += Self.titleHeight
                body += #"<text class="group" x="0" y="\#(Self.short(y - 7))">\#(group.title)</text>"# + "\n"
            }
            for bar in group.bars {
                body += row(bar, y)
                y += Self.rowHeight
            }
        }
        return #"<svg viewBox="0 0 \#(Self.short(Self.width)) \#(Self.short(y + 4))" role="img">"# + "\n\(body)</svg>"
    }

    private func row(_ bar: Bar, _ y: Double) -> String {
        let middle = y + Self.rowHeight / 2
        let end = Self.labelWidth + max(1.5, Self.plotWidth * share(bar.value))
        let farthest = max(end, Self.labelWidth + Self.plotWidth * share(bar.high))
        let text = "\(NumberText.short(bar.value)) \(unit)"
        return """
            <g><title>\(bar.label): \(text), from \(NumberText.short(bar.low)) to \(NumberText.short(bar.high))</title>\
            <text class="label" x="\(Self.short(Self.labelWidth - 8))" y="\(Self.short(middle + 4))">\(bar.label)</text>\
            <rect class="c\(bar.colour % 8)" x="\(Self.short(Self.labelWidth))" y="\(Self.short(y + 3))" \
            width="\(Self.short(end - Self.labelWidth))" height="\(Self.short(Self.rowHeight - 6))" rx="2"/>\
            \(whisker(bar, middle))\
            <text class="value" x="\(Self.short(farthest + 7))" y="\(Self.short(middle + 4))">\(text)</text></g>

            """
    }

    private func whisker(_ bar: Bar, _ y: Double) -> String {
        guard bar.high > bar.low else { return "" }
        let left = Self.labelWidth + Self.plotWidth * share(bar.low)
        let right = Self.labelWidth + Self.plotWidth * share(bar.high)
        let path = "M\(Self.short(left)) \(Self.short(y))H\(Self.short(right))"
        let ends = [left, right].map { "M\(Self.short($0)) \(Self.short(y - 3))v6" }.joined()
        return #"<path class="spread" d="\#(path)\#(ends)"/>"#
    }

    /// 0...1 of the plot's width.
    private func share(_ value: Double) -> Double {
        let bars = groups.flatMap(\.bars)
        let largest = bars.map(\.high).max() ?? 1
        guard value > 0, largest > 0 else { return 0 }
        guard isLogarithmic, let smallest = bars.map(\.low).filter({ $0 > 0 }).min(), largest > smallest else {
            return min(1, value / largest)
        }
        // The smallest value keeps a twentieth of the width.
        return 0.05 + 0.95 * (value / smallest).logarithm / (largest / smallest).logarithm
    }

    static func short(_ value: Double) -> String {
        let tenths = (value * 10).rounded() / 10
        return tenths == tenths.rounded() ? "\(Int(tenths))" : "\(tenths)"
    }
}
