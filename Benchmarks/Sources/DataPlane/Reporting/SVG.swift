/// Builds an SVG document, readable on light and dark pages.
struct SVG {
    private var body = ""
    let width: Double
    let height: Double

    enum Anchor: String { case start, middle, end }

    static let palette = ["#2563eb", "#d97706", "#059669", "#be185d"]
    static let quiet = "#8b95a5"

    init(width: Double, height: Double) {
        self.width = width
        self.height = height
    }

    mutating func rectangle(x: Double, y: Double, width: Double, height: Double, fill: String) {
        body += #"<rect x="\#(short(x))" y="\#(short(y))" width="\#(short(width))" height="\#(short(height))" "#
        body += #"rx="2" fill="\#(fill)"/>"# + "\n"
    }

    mutating func line(_ points: [(x: Double, y: Double)], stroke: String, width: Double = 1) {
        let text = points.map { "\(short($0.x)),\(short($0.y))" }.joined(separator: " ")
        body += #"<polyline points="\#(text)" fill="none" stroke="\#(stroke)" stroke-width="\#(short(width))"/>"# + "\n"
    }

    mutating func dot(x: Double, y: Double, fill: String) {
        body += #"<circle cx="\#(short(x))" cy="\#(short(y))" r="4" fill="\#(fill)"/>"# + "\n"
    }

    mutating func text(
        _ text: String, x: Double, y: Double, anchor: Anchor = .start, size: Int = 12, fill: String = "#6b7280"
    ) {
        let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
        body += #"<text x="\#(short(x))" y="\#(short(y))" text-anchor="\#(anchor.rawValue)" "#
        body += #"font-size="\#(size)" fill="\#(fill)">\#(escaped)</text>"# + "\n"
    }

    var document: String {
        #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(short(width)) \#(short(height))" "#
            + #"font-family="system-ui, sans-serif">"# + "\n\(body)</svg>\n"
    }

    private func short(_ number: Double) -> String {
        let rounded = (number * 10).rounded() / 10
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}
