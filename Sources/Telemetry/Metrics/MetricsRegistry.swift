import Synchronization

/// What a registry can write.
protocol Collected: Sendable {
    var description: MetricDescription { get }
    func write(to output: inout Exposition)
}

/// All metrics of one endpoint. Names are registered once, at start; a name that is taken or malformed is a bug here.
public final class MetricsRegistry: Sendable {
    private let collected = Mutex<[String: any Collected]>([:])
    private let registered = MetricFamily<Counter>(
        MetricDescription(
            name: "registered_metrics_total",
            help: "The count of registered metrics broken by stability level and deprecation version.",
            stability: .beta, labels: ["stability_level", "deprecated_version"]))

    /// `countsItself`: whether `registered_metrics_total` is among the metrics.
    public init(countsItself: Bool = true) {
        if countsItself { register(registered) }
    }

    public func counter(_ name: String, _ help: String, _ stability: MetricStability? = nil) -> Counter {
        register(MetricFamily<Counter>(.init(name: name, help: help, stability: stability))).member([])
    }

    public func counters(
        _ name: String, _ help: String, _ stability: MetricStability? = nil, labels: [String]
    ) -> MetricFamily<Counter> {
        register(MetricFamily(.init(name: name, help: help, stability: stability, labels: labels)))
    }

    public func gauge(_ name: String, _ help: String, _ stability: MetricStability? = nil) -> Gauge {
        register(MetricFamily<Gauge>(.init(name: name, help: help, stability: stability))).member([])
    }

    public func gauges(
        _ name: String, _ help: String, _ stability: MetricStability? = nil, labels: [String]
    ) -> MetricFamily<Gauge> {
        register(MetricFamily(.init(name: name, help: help, stability: stability, labels: labels)))
    }

    /// `buckets`: upper bounds, ascending, without the infinite one.
    public func histogram(
        _ name: String, _ help: String, _ stability: MetricStability? = nil, buckets: [Double]
    ) -> Histogram {
        register(MetricFamily<Histogram>(.init(name: name, help: help, stability: stability, buckets: buckets)))
            .member([])
    }

    /// `buckets`: upper bounds, ascending, without the infinite one.
    public func histograms(
        _ name: String, _ help: String, _ stability: MetricStability? = nil, labels: [String], buckets: [Double]
    ) -> MetricFamily<Histogram> {
        register(MetricFamily(.init(name: name, help: help, stability: stability, labels: labels, buckets: buckets)))
    }

    /// A gauge that is read when the metrics are; left out while it is nil.
    public func measuredGauge(_ name: String, _ help: String, read: @escaping @Sendable () -> Double?) {
        register(Measured(description: .init(name: name, help: help, stability: nil), kind: .gauge, read: read))
    }

    /// A counter that is read when the metrics are; left out while it is nil.
    public func measuredCounter(_ name: String, _ help: String, read: @escaping @Sendable () -> Double?) {
        register(Measured(description: .init(name: name, help: help, stability: nil), kind: .counter, read: read))
    }

    /// Prometheus text exposition format 0.0.4, names ascending.
    public func exposition() -> [UInt8] {
        let all = collected.withLock { $0.values.sorted { $0.description.name < $1.description.name } }
        var output = Exposition()
        for metric in all { metric.write(to: &output) }
        return output.bytes
    }

    /// The media type of `exposition()`.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    @discardableResult
    func register<Metric: Collected>(_ metric: Metric) -> Metric {
        let description = metric.description
        precondition(description.isValid, "\(description.name) is no metric's name or has bad labels or buckets")
        collected.withLock {
            precondition($0[description.name] == nil, "\(description.name) is registered twice")
            $0[description.name] = metric
        }
        if let stability = description.stability { registered[stability.rawValue, ""].increment() }
        return metric
    }
}

private struct Measured: Collected {
    let description: MetricDescription
    let kind: MetricKind
    let read: @Sendable () -> Double?

    func write(to output: inout Exposition) {
        guard let value = read() else { return }
        output.header(description, kind)
        output.sample(description.name, labels: "", value: value)
    }
}
