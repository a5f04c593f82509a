import KubeClient
import Synchronization
import Telemetry

/// Metrics of the queues, under client-go's names.
public final class ControllerMetrics: Sendable {
    private struct Queue: Sendable {
        let name: String
        let figures: @Sendable () -> Figures
    }

    /// As `WorkLoop.Figures`, of any queue.
    private struct Figures: Sendable {
        let depth, additions, retries: Int
        let workTimes: [Duration]
    }

    private let queues = Mutex<[Queue]>([])
    private let waits: MetricFamily<Histogram>
    private let works: MetricFamily<Histogram>

    private static let seconds = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10]

    public init(_ registry: MetricsRegistry) {
        waits = registry.histograms(
            "workqueue_queue_duration_seconds",
            "How long in seconds an item stays in workqueue before being requested.", .alpha, labels: ["name"],
            buckets: Self.seconds)
        works = registry.histograms(
            "workqueue_work_duration_seconds", "How long in seconds processing an item from workqueue takes.", .alpha,
            labels: ["name"], buckets: Self.seconds)
        registry.measuredFamilies("workqueue_") { [weak self] in self?.families ?? [] }
    }

    /// A queue that is measured.
    func queue<Key: Hashable & Sendable>(
        _ name: String, _ make: (@escaping WorkLoop<Key>.Observer) -> WorkLoop<Key>
    ) -> WorkLoop<Key> {
        let (wait, work) = (waits[name], works[name])
        let queue = make { waited, worked in
            wait.observe(waited)
            work.observe(worked)
        }
        let known = Queue(name: name) {
            let figures = queue.figures
            return Figures(
                depth: figures.depth, additions: figures.additions, retries: figures.retries,
                workTimes: figures.workTimes)
        }
        queues.withLock { $0.append(known) }
        return queue
    }

    private var families: [MeasuredFamily] {
        let all = queues.withLock { $0 }.map { (name: $0.name, figures: $0.figures()) }
        func family(
            _ name: String, _ help: String, _ kind: MeasuredFamily.Kind, _ value: (Figures) -> Double
        ) -> MeasuredFamily {
            MeasuredFamily(
                "workqueue_\(name)", help, kind,
                all.map { .init([("name", $0.name)], .number(value($0.figures))) })
        }
        return [
            family("adds_total", "Total number of adds handled by workqueue", .counter) { Double($0.additions) },
            family("depth", "Current depth of workqueue", .gauge) { Double($0.depth) },
            family(
                "longest_running_processor_seconds",
                "How many seconds has the longest running processor for workqueue been running.", .gauge
            ) { $0.workTimes.max()?.seconds ?? 0 },
            family("retries_total", "Total number of retries handled by workqueue", .counter) { Double($0.retries) },
            family(
                "unfinished_work_seconds",
                "How many seconds of work has done that is in progress and hasn't been observed by work_duration.",
                .gauge
            ) { $0.workTimes.reduce(0) { $0 + $1.seconds } },
        ]
    }
}
