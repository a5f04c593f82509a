import KubeSchema
import Telemetry

/// What is counted of requests, under upstream's names.
struct ServerMetrics: Sendable {
    private let requests: MetricFamily<Counter>
    private let durations: MetricFamily<Histogram>
    private let inflight: MetricFamily<Gauge>
    private let long: MetricFamily<Gauge>
    private let events: MetricFamily<Counter>

    init(_ metrics: MetricsRegistry) {
        requests = metrics.counters(
            "apiserver_request_total",
            "Counter of apiserver requests broken out for each verb, group, version, resource, scope and HTTP response "
                + "code.", .stable, labels: ["code", "group", "resource", "scope", "subresource", "verb", "version"])
        durations = metrics.histograms(
            "apiserver_request_duration_seconds",
            "Response latency distribution in seconds for each verb, group, version, resource, subresource and scope.",
            .stable, labels: ["group", "resource", "scope", "subresource", "verb", "version"],
            buckets: [
                0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
            ])
        inflight = metrics.gauges(
            "apiserver_current_inflight_requests",
            "Number of requests being worked on of this kind.", .stable, labels: ["request_kind"])
        long = metrics.gauges(
            "apiserver_longrunning_requests",
            "Gauge of all active long-running apiserver requests broken out by verb, group, version, resource and scope.",
            .stable, labels: ["group", "resource", "scope", "subresource", "verb", "version"])
        events = metrics.counters(
            "apiserver_watch_events_total", "Number of events sent in watch clients", .alpha,
            labels: ["group", "resource", "version"])
    }

    /// Ends with `finish`.
    struct Running: Sendable {
        fileprivate let gauge: Gauge
        func finish() { gauge.add(-1) }
    }

    func running(_ info: RequestInfo) -> Running {
        let gauge =
            info.isLong
            ? long[info.group, info.resource, Self.scope(info), info.subresource, Self.verb(info), info.version]
            : inflight[info.isMutating ? "mutating" : "readOnly"]
        gauge.add(1)
        return Running(gauge: gauge)
    }

    func answered(_ info: RequestInfo, _ code: Int, _ duration: Duration) {
        // What does not exist has no series of its own.
        let isKnown = info.isResourceRequest && code != 404
        let resource = isKnown ? info.resource : ""
        let (group, version, subresource) = isKnown ? (info.group, info.version, info.subresource) : ("", "", "")
        let scope = isKnown ? Self.scope(info) : ""
        let verb = Self.verb(info)
        requests[String(code), group, resource, scope, subresource, verb, version].increment()
        if !info.isLong { durations[group, resource, scope, subresource, verb, version].observe(duration) }
    }

    func watchEvents(_ definition: ResourceDefinition) -> Counter {
        events[definition.group, definition.resource, definition.version]
    }

    private static func verb(_ info: RequestInfo) -> String {
        switch info.verb {
        case "create": "POST"
        case "update": "PUT"
        case "get", "list", "watch", "patch", "delete", "deletecollection", "put", "post", "head":
            info.verb.uppercased()
        default: "other"
        }
    }

    private static func scope(_ info: RequestInfo) -> String {
        guard info.isResourceRequest else { return "" }
        if !info.name.isEmpty { return "resource" }
        return info.namespace.isEmpty ? "cluster" : "namespace"
    }
}
