import AccessControl
import Telemetry

/// `apiserver_flowcontrol_…`, under upstream's names.
struct FlowMetrics: Sendable {
    /// Of one flow schema and its level.
    struct Flow: Sendable {
        let dispatched: Counter
        let executing: Gauge
        let waiting: Gauge
    }

    private let dispatched: MetricFamily<Counter>
    private let rejected: MetricFamily<Counter>
    private let executing: MetricFamily<Gauge>
    private let waiting: MetricFamily<Gauge>
    private let seats: MetricFamily<Gauge>

    init(_ metrics: MetricsRegistry) {
        let labels = ["flow_schema", "priority_level"]
        dispatched = metrics.counters(
            "apiserver_flowcontrol_dispatched_requests_total",
            "Number of requests executed by API Priority and Fairness subsystem", .beta, labels: labels)
        rejected = metrics.counters(
            "apiserver_flowcontrol_rejected_requests_total",
            "Number of requests rejected by API Priority and Fairness subsystem", .beta, labels: labels + ["reason"])
        executing = metrics.gauges(
            "apiserver_flowcontrol_current_executing_requests",
            "Number of requests in initial (for a WATCH) or any (for a non-WATCH) execution stage in the API Priority "
                + "and Fairness subsystem", .beta, labels: labels)
        waiting = metrics.gauges(
            "apiserver_flowcontrol_current_inqueue_requests",
            "Number of requests currently pending in queues of the API Priority and Fairness subsystem", .beta,
            labels: labels)
        seats = metrics.gauges(
            "apiserver_flowcontrol_nominal_limit_seats",
            "Nominal number of execution seats configured for each priority level", .beta,
            labels: ["priority_level"])
    }

    func flow(schema: String, level: String) -> Flow {
        Flow(
            dispatched: dispatched[schema, level], executing: executing[schema, level], waiting: waiting[schema, level])
    }

    func reject(schema: String, level: String, reason: String) { rejected[schema, level, reason].increment() }

    func setSeats(_ usage: [FlowSeats<UInt64>.Usage]) {
        for level in usage { seats[level.level].set(level.seats) }
    }
}
