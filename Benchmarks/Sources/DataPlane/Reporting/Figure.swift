import Bench

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

    var valueText: String { "\(NumberText.short(value)) \(unit.rawValue)" }

    /// Smallest to largest of the values behind a median.
    var spreadText: String {
        guard statistics.count > 1, percentile == 50 else { return "" }
        return "\(NumberText.short(statistics.smallest))–\(NumberText.short(statistics.largest)) (\(statistics.count))"
    }

    var targetText: String {
        switch target {
        case .atMost(let limit): "≤ \(NumberText.short(limit)) \(unit.rawValue)"
        case .atLeast(let limit): "≥ \(NumberText.short(limit)) \(unit.rawValue)"
        case nil: ""
        }
    }

    var verdictText: String { isMet.map { $0 ? "met" : "MISSED" } ?? "" }
}
