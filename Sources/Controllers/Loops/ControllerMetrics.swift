import KubeAPI
import KubeClient
import Telemetry

/// Metrics of the queues, under client-go's names.
public final class ControllerMetrics: Sendable {
    public let registry: MetricsRegistry
    private let requests: MetricFamily<Counter>

    public init(_ registry: MetricsRegistry) {
        self.registry = registry
        requests = registry.counters(
            "rest_client_requests_total", "Requests to the API server.", labels: ["code", "host", "method"])
    }

    /// Counts requests to the API server.
    public var observer: RequestObserver {
        { [requests] in requests[$0.code, $0.host, $0.method].increment() }
    }

    func watch(_ queue: WorkLoop<NamespacedName>) {
        let name = queue.name.map { $0.isLetter || $0.isNumber ? $0 : "_" }
        registry.measuredGauge("workqueue_depth_\(String(name))", "Items that wait in the queue \(queue.name).") {
            Double(queue.depth)
        }
    }
}
