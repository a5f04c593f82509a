import SchedulerCore
import Telemetry

/// kube-scheduler's metrics, by the names that dashboards know.
public struct SchedulerMetrics: Sendable {
    private let attempts: MetricFamily<Counter>
    private let attemptDuration: MetricFamily<Histogram>
    private let algorithmDuration: Histogram
    private let bindingDuration: Histogram
    private let podAttempts: Histogram
    private let podDuration: MetricFamily<Histogram>
    private let preemptions: Counter
    private let victims: Histogram
    private let pending: MetricFamily<Gauge>
    private let cached: MetricFamily<Gauge>

    private static let seconds: [Double] = (0..<15).map { 0.0001 * Double(1 << $0) }

    public init(_ registry: MetricsRegistry) {
        attempts = registry.counters(
            "scheduler_schedule_attempts_total", "Attempts to schedule pods, by result.", .stable,
            labels: ["profile", "result"])
        attemptDuration = registry.histograms(
            "scheduler_scheduling_attempt_duration_seconds", "Time of an attempt, with binding.", .stable,
            labels: ["profile", "result"], buckets: Self.seconds)
        algorithmDuration = registry.histogram(
            "scheduler_scheduling_algorithm_duration_seconds", "Time of a decision.", buckets: Self.seconds)
        bindingDuration = registry.histogram(
            "scheduler_binding_duration_seconds", "Time of a binding.", buckets: Self.seconds)
        podAttempts = registry.histogram(
            "scheduler_pod_scheduling_attempts", "Attempts until a pod was scheduled.", .stable,
            buckets: [1, 2, 4, 8, 16])
        podDuration = registry.histograms(
            "scheduler_pod_scheduling_sli_duration_seconds",
            "From when a pod came into the queue until it was scheduled, by the number of attempts.", .beta,
            labels: ["attempts"], buckets: (0..<20).map { 0.01 * Double(1 << $0) })
        preemptions = registry.counter(
            "scheduler_preemption_attempts_total", "Preemptions of other pods.", .stable)
        victims = registry.histogram(
            "scheduler_preemption_victims", "Pods that a preemption evicts.", .stable,
            buckets: [1, 2, 4, 8, 16, 32, 64])
        pending = registry.gauges(
            "scheduler_pending_pods", "Pods that wait, by queue.", .stable, labels: ["queue"])
        cached = registry.gauges("scheduler_cache_size", "What the scheduler knows, by kind.", labels: ["type"])
    }

    enum Result: String {
        case scheduled, unschedulable, error
    }

    func attempted(_ profile: String, _ result: Result, _ duration: Duration) {
        attempts[profile, result.rawValue].increment()
        attemptDuration[profile, result.rawValue].observe(duration)
    }

    func decided(_ duration: Duration) { algorithmDuration.observe(duration) }
    func bound(_ duration: Duration, attempts: Int, sinceAdded: Duration) {
        bindingDuration.observe(duration)
        podAttempts.observe(Double(attempts))
        podDuration[attempts < 15 ? "\(attempts)" : "15+"].observe(sinceAdded)
    }

    func preempted(_ count: Int) {
        preemptions.increment()
        victims.observe(Double(count))
    }

    func waiting(_ counts: SchedulingQueue.Counts, nodes: Int, pods: Int, assumed: Int) {
        pending["active"].set(counts.active)
        pending["backoff"].set(counts.backoff)
        pending["unschedulable"].set(counts.unschedulable)
        pending["gated"].set(counts.gated)
        cached["nodes"].set(nodes)
        cached["pods"].set(pods)
        cached["assumed_pods"].set(assumed)
    }
}
