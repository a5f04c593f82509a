import Bench
import Glibc

/// Lines over a logarithmic x axis; y begins at zero.
struct LinePlot {
    struct Series {
        let label: String
        let points: [(x: Double, y: Double)]
    }

    let title: String
    let xLabel: String
    let yLabel: String
    let series: [Series]

    private static let left = 60.0
    private static let right = 560.0
    private static let top = 45.0
    private static let bottom = 300.0

    var svg: String {
        var svg = SVG(width: 860, height: 345)
        svg.text(title, x: 10, y: 24, size: 15)
        drawAxes(&svg)
        for (index, line) in series.enumerated() {
            let colour = SVG.palette[index % SVG.palette.count]
            let points = line.points.map { (x: x($0.x), y: y($0.y)) }
            svg.line(points, stroke: colour, width: 2)
            for point in points { svg.dot(x: point.x, y: point.y, fill: colour) }
            for (point, value) in zip(points, line.points) {
                svg.text(NumberText.short(value.y), x: point.x, y: point.y - 8, anchor: .middle, size: 11)
            }
            svg.dot(x: Self.right + 40, y: Self.top + Double(index) * 24, fill: colour)
            svg.text(line.label, x: Self.right + 52, y: Self.top + Double(index) * 24 + 4)
        }
        return svg.document
    }

    private func drawAxes(_ svg: inout SVG) {
        svg.line([(Self.left, Self.top), (Self.left, Self.bottom), (Self.right, Self.bottom)], stroke: SVG.quiet)
        for share in [0.25, 0.5, 0.75, 1] {
            let value = largest * share
            svg.line([(Self.left, y(value)), (Self.right, y(value))], stroke: SVG.quiet, width: 0.3)
            svg.text(NumberText.short(value), x: Self.left - 6, y: y(value) + 4, anchor: .end)
        }
        svg.text(yLabel, x: Self.left, y: Self.top - 8, anchor: .end)
        for value in Set(series.flatMap { $0.points.map(\.x) }) {
            svg.text(NumberText.grouped(Int(value)), x: x(value), y: Self.bottom + 18, anchor: .middle)
        }
        svg.text(xLabel, x: (Self.left + Self.right) / 2, y: Self.bottom + 38, anchor: .middle)
    }

    private var largest: Double { (series.flatMap { $0.points.map(\.y) }.max() ?? 1) * 1.15 }

    private func y(_ value: Double) -> Double { Self.bottom - (Self.bottom - Self.top) * value / largest }

    /// The outermost values keep a margin for their labels.
    private func x(_ value: Double) -> Double {
        let all = series.flatMap { $0.points.map { log($0.x) } }
        guard let low = all.min(), let high = all.max(), high > low else { return (Self.left + Self.right) / 2 }
        return Self.left + 30 + (Self.right - Self.left - 60) * (log(value) - low) / (high - low)
    }
}
