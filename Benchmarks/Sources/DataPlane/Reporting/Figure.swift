/// One row of the report.
struct Figure: Sendable {
    enum Group: String, CaseIterable {
        case firstSync = "First synchronisation"
        case memory = "Memory"
        case change = "One endpoint changed, event to commit"
        case kinds = "The same by kind"
        case rate = "Many changes"
        case throughput = "Traffic"
        case iptables = "The iptables mode"
        case userspace = "Userspace mode beside HAProxy and nginx"
    }

    enum Unit: String {
        case seconds = "s"
        case milliseconds = "ms"
        case microseconds = "µs"
        case mebibytes = "MiB"
        case kibibytes = "KiB"
        case megabytesPerSecond = "MB/s"
        case perSecond = "/s"
        case percent = "%"
        case ratio = "×"
        case count = ""
    }

    enum Target: Sendable {
        case atMost(Double)
        case atLeast(Double)
    }

    let group: Group
    let name: String
    let services: Int
    let unit: Unit
    let statistics: Statistics
    /// Which percentile of the values is the figure.
    let percentile: Double
    let target: Target?

    var value: Double { statistics.percentile(percentile) }

    /// nil without a target.
    var isMet: Bool? {
        switch target {
        case .atMost(let limit): value <= limit
        case .atLeast(let limit): value >= limit
        case nil: nil
        }
    }

    // MARK: Text

    var valueText: String { "\(Self.text(value)) \(unit.rawValue)" }

    /// Smallest to largest of the values behind a median.
    var spreadText: String {
        guard statistics.count > 1, percentile == 50 else { return "" }
        return "\(Self.text(statistics.smallest))–\(Self.text(statistics.largest)) (\(statistics.count))"
    }

    var targetText: String {
        switch target {
        case .atMost(let limit): "≤ \(Self.text(limit)) \(unit.rawValue)"
        case .atLeast(let limit): "≥ \(Self.text(limit)) \(unit.rawValue)"
        case nil: ""
        }
    }

    var verdictText: String { isMet.map { $0 ? "met" : "MISSED" } ?? "" }

    /// Three significant digits or so.
    static func text(_ value: Double) -> String {
        let digits = value >= 100 || value == value.rounded() ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3
        let scale = [1.0, 10, 100, 1000][digits]
        let rounded = (value * scale).rounded() / scale
        return digits == 0 ? grouped(Int(rounded)) : "\(rounded)"
    }

    static func grouped(_ number: Int) -> String {
        let digits = Array("\(number)")
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0, digit.isNumber, digits[index - 1].isNumber {
                text.append(",")
            }
            text.append(digit)
        }
        return text
    }
}
