/// How firm a metric's name and labels are, as Kubernetes counts it.
public enum MetricStability: String, Sendable, Hashable, CaseIterable {
    case `internal` = "INTERNAL"
    case alpha = "ALPHA"
    case beta = "BETA"
    case stable = "STABLE"
}

enum MetricKind: String, Sendable {
    case counter, gauge, histogram
}

/// What the exposition says about a metric besides its values.
struct MetricDescription: Sendable {
    let name: String
    let help: String
    /// nil leaves the help text without a level, as process metrics have it.
    let stability: MetricStability?
    var labels: [String] = []
    /// Upper bounds of a histogram, ascending, without the infinite one.
    var buckets: [Double] = []

    /// `[A-Za-z_:][A-Za-z0-9_:]*`, and the same without colons for labels.
    var isValid: Bool {
        Self.isName(name, colons: true) && labels.allSatisfy { Self.isName($0, colons: false) && $0 != "le" }
            && zip(buckets, buckets.dropFirst()).allSatisfy { $0 < $1 }
    }

    private static func isName(_ text: String, colons: Bool) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"): true
            case UInt8(ascii: ":"): colons
            default: false
            }
        }
    }
}
