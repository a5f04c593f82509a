import KubeClient
import Telemetry

/// What a client of the API server tells of its requests and of its leadership, under client-go's names.
struct ClientMetrics: Sendable {
    private let requests: MetricFamily<Counter>
    private let durations: MetricFamily<Histogram>
    private let leadership: MetricFamily<Gauge>

    init(_ registry: MetricsRegistry) {
        requests = registry.counters(
            "rest_client_requests_total", "Number of HTTP requests, partitioned by status code, method, and host.",
            .alpha, labels: ["code", "host", "method"])
        durations = registry.histograms(
            "rest_client_request_duration_seconds", "Request latency in seconds. Broken down by verb, and host.",
            .alpha, labels: ["host", "verb"], buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60])
        leadership = registry.gauges(
            "leader_election_master_status",
            "Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master.",
            .alpha, labels: ["name"])
    }

    var observer: RequestObserver {
        { [requests, durations] in
            requests[$0.code, $0.host, $0.method].increment()
            durations[$0.host, $0.verb].observe($0.duration)
        }
    }

    /// Leads by the Lease while `body` runs; says so.
    func lead(
        _ elector: LeaderElector, lease: String, standby: Latch, _ body: @escaping @Sendable () async -> Void
    ) async throws {
        let status = leadership[lease]
        status.set(0)
        defer { status.set(0) }
        try await elector.run(standby: standby) {
            status.set(1)
            await body()
        }
    }
}
