/// Named series of numbers, as a scenario's process hands them to its parent: one line per series.
public struct Samples: Sendable {
    public private(set) var series: [String: [Double]] = [:]

    public subscript(name: String) -> [Double] { series[name] ?? [] }

    public mutating func add(_ name: String, _ values: Double...) { series[name, default: []] += values }

    public mutating func add(_ name: String, _ values: [Double]) { series[name, default: []] += values }

    public mutating func merge(_ other: Samples) {
        for (name, values) in other.series { add(name, values) }
    }

    public var text: String {
        series.sorted { $0.key < $1.key }.map { name, values in
            "series \(name) \(values.map { "\($0)" }.joined(separator: " "))\n"
        }.joined()
    }

    public init() {}

    /// Passes over lines that are not series.
    public init(_ text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 1, words[0] == "series" else { continue }
            add(String(words[1]), words.dropFirst(2).compactMap { Double(String($0)) })
        }
    }
}
