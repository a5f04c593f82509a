import Synchronization

/// One time series, or the few that a histogram has.
protocol Metric: AnyObject, Sendable {
    static var kind: MetricKind { get }
    init(_ description: MetricDescription)
    /// `labels` is `a="b",c="d"` or empty.
    func write(_ name: String, labels: String, to output: inout Exposition)
}

/// Metrics of one name, told apart by the values of their labels.
public final class MetricFamily<Member: Sendable>: Sendable {
    struct Child: Sendable {
        let labels: String
        let metric: Member
    }

    let description: MetricDescription
    let children = Mutex<[[String]: Child]>([:])
    private let make: @Sendable (MetricDescription) -> Member

    init(_ description: MetricDescription, make: @escaping @Sendable (MetricDescription) -> Member) {
        self.description = description
        self.make = make
    }

    /// The metric of these label values, in the order of the labels; made when it is new. Holding on to what this
    /// returns saves the look-up.
    public subscript(_ values: String...) -> Member { member(values) }

    func member(_ values: [String]) -> Member {
        precondition(values.count == description.labels.count, "\(description.name) has other labels")
        return children.withLock { children in
            if let child = children[values] { return child.metric }
            let child = Child(
                labels: zip(description.labels, values).map { Exposition.label($0, $1) }.joined(separator: ","),
                metric: make(description))
            children[values] = child
            return child.metric
        }
    }

    /// Forgets the metric of these label values.
    public func remove(_ values: String...) { children.withLock { $0[values] = nil } }
}

extension MetricFamily<Gauge> {
    /// Sets the metric of these label values, in the order of the labels.
    public func set(_ value: Double, for values: [String]) { member(values).set(value) }
}

extension MetricFamily: Collected where Member: Metric {
    convenience init(_ description: MetricDescription) {
        self.init(description) { Member($0) }
    }

    func write(to output: inout Exposition) {
        let sorted = children.withLock { $0.sorted { $0.key.lexicographicallyPrecedes($1.key) } }
        guard !sorted.isEmpty else { return }
        output.header(description, Member.kind)
        for (_, child) in sorted { child.metric.write(description.name, labels: child.labels, to: &output) }
    }
}
