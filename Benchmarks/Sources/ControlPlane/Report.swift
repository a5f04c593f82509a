import Foundation

/// One row of the result.
struct Measurement: Codable {
    let name: String
    let value: Double
    let unit: String
    let target: String
    let isMet: Bool
}

struct Report {
    private(set) var rows: [Measurement] = []

    mutating func add(_ name: String, _ value: Double, _ unit: String, atLeast limit: Double) {
        add(name, value, unit, "≥ \(Self.text(limit))", value >= limit)
    }

    /// Without a limit it is told alone.
    mutating func add(_ name: String, _ value: Double, _ unit: String, atMost limit: Double?) {
        guard let limit else { return add(name, value, unit) }
        add(name, value, unit, "≤ \(Self.text(limit))", value <= limit)
    }

    mutating func add(_ name: String, _ value: Double, _ unit: String) { add(name, value, unit, "", true) }

    private mutating func add(_ name: String, _ value: Double, _ unit: String, _ target: String, _ isMet: Bool) {
        let row = Measurement(name: name, value: value, unit: unit, target: target, isMet: isMet)
        rows.append(row)
        print(Self.line(row))
    }

    private static func line(_ row: Measurement) -> String {
        let figure = "\(text(row.value)) \(row.unit)"
        let verdict = row.target.isEmpty ? "" : row.isMet ? "met" : "MISSED"
        return
            "\(row.name.padding(toLength: 58, withPad: " ", startingAt: 0)) \(figure.padding(toLength: 16, withPad: " ", startingAt: 0)) \(row.target.padding(toLength: 10, withPad: " ", startingAt: 0)) \(verdict)"
    }

    private static func text(_ value: Double) -> String {
        value >= 100 ? String(format: "%.0f", value) : String(format: "%.2f", value)
    }

    /// Markdown.
    var table: String {
        (["| Work | Measured | Must reach |", "|---|---|---|"]
            + rows.map { row in
                let target = row.target.isEmpty ? "" : "\(row.target) \(row.unit): \(row.isMet ? "met" : "missed")"
                return "| \(row.name) | \(Self.text(row.value)) \(row.unit) | \(target) |"
            }).joined(separator: "\n") + "\n"
    }

    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return try encoder.encode(rows)
    }
}

/// Values in order.
struct Sample {
    private let sorted: [Double]

    init(_ values: [Double]) { sorted = values.sorted() }

    /// 0 to 1; 0 without values.
    func quantile(_ share: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}
