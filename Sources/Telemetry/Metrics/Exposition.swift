/// Writes Prometheus' text exposition format, version 0.0.4.
struct Exposition {
    private(set) var bytes: [UInt8] = []

    mutating func header(_ description: MetricDescription, _ kind: MetricKind) {
        let stability = description.stability.map { "[\($0.rawValue)] " } ?? ""
        append("# HELP ", description.name, " ", stability, Self.escaped(description.help, quotes: false), "\n")
        append("# TYPE ", description.name, " ", kind.rawValue, "\n")
    }

    mutating func sample(_ name: String, labels: String, value: Double) {
        if labels.isEmpty {
            append(name, " ", Self.number(value), "\n")
        } else {
            append(name, "{", labels, "} ", Self.number(value), "\n")
        }
    }

    /// `counts`: for each of `bounds` and above the last, not accumulated.
    mutating func histogram(_ name: String, labels: String, bounds: [Double], counts: [UInt64], sum: Double) {
        var total: UInt64 = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < bounds.count ? bounds[index] : .infinity
            let separator = labels.isEmpty ? "" : ","
            sample(
                name + "_bucket", labels: "\(labels)\(separator)le=\"\(Self.number(bound))\"",
                value: Double(total))
        }
        sample(name + "_sum", labels: labels, value: sum)
        sample(name + "_count", labels: labels, value: Double(total))
    }

    /// `name="value"`
    static func label(_ name: String, _ value: String) -> String { "\(name)=\"\(escaped(value, quotes: true))\"" }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        let text = value.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// Help texts escape backslash and line feed; label values quotes too.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private mutating func append(_ parts: String...) {
        for part in parts { bytes.append(contentsOf: part.utf8) }
    }
}
