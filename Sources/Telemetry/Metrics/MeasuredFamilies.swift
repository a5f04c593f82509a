/// Metrics of one name that are read when the page is, told apart by labels.
public struct MeasuredFamily: Sendable {
    public enum Kind: Sendable { case counter, gauge, histogram }

    public enum Value: Sendable {
        case number(Double)
        /// `counts`: observations for each of `bounds` (ascending) and above the last, not accumulated.
        case histogram(bounds: [Double], counts: [UInt64], sum: Double)
    }

    public struct Sample: Sendable {
        let labels: String
        let value: Value

        /// Labels by name and value, in the order they are shown.
        public init(_ labels: [(name: String, value: String)], _ value: Value) {
            self.labels = labels.map { Exposition.label($0.name, $0.value) }.joined(separator: ",")
            self.value = value
        }
    }

    public let name: String
    let help: String
    let kind: Kind
    let samples: [Sample]

    public init(_ name: String, _ help: String, _ kind: Kind, _ samples: [Sample]) {
        self.name = name
        self.help = help
        self.kind = kind
        self.samples = samples
    }
}

extension MetricsRegistry {
    /// Families with names that begin with `prefix`, read together when the metrics are: in ascending order of names;
    /// those without samples are left out.
    public func measuredFamilies(_ prefix: String, read: @escaping @Sendable () -> [MeasuredFamily]) {
        register(MeasuredGroup(description: .init(name: prefix, help: "", stability: nil), read: read))
    }
}

private struct MeasuredGroup: Collected {
    let description: MetricDescription
    let read: @Sendable () -> [MeasuredFamily]

    func write(to output: inout Exposition) {
        for family in read() where !family.samples.isEmpty { family.write(to: &output) }
    }
}

extension MeasuredFamily {
    fileprivate func write(to output: inout Exposition) {
        let kind: MetricKind =
            switch kind {
            case .counter: .counter
            case .gauge: .gauge
            case .histogram: .histogram
            }
        output.header(MetricDescription(name: name, help: help, stability: nil), kind)
        for sample in samples {
            switch sample.value {
            case .number(let value): output.sample(name, labels: sample.labels, value: value)
            case .histogram(let bounds, let counts, let sum):
                output.histogram(name, labels: sample.labels, bounds: bounds, counts: counts, sum: sum)
            }
        }
    }
}
