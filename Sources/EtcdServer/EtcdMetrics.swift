import Store
import StoreCore
import Telemetry

/// etcd's metrics of the same names, for dashboards and alerts that look for them, and its `/health`.
public final class EtcdMetrics: Sendable {
    public let registry = MetricsRegistry(countsItself: false)
    private let sync: Histogram
    private let commits: Histogram
    private let requests: Counter

    /// Upper bounds in seconds, etcd's: from 1 ms, doubling.
    private static let buckets = (0..<14).map { 0.001 * Double(1 << $0) }

    public init() {
        sync = registry.histogram(
            "etcd_disk_wal_fsync_duration_seconds", "The latency distributions of fsync called by WAL.",
            buckets: Self.buckets)
        commits = registry.histogram(
            "etcd_disk_backend_commit_duration_seconds",
            "The latency distributions of commit called by backend.", buckets: Self.buckets)
        requests = registry.counter(
            "etcd_server_proposals_committed_total", "Requests that changed something and are on disk.")
        registry.registerProcessMetrics()
    }

    /// After each write to disk. One sync is etcd's log and backend in one.
    public func note(_ report: CommitReport) {
        sync.observe(report.time)
        commits.observe(report.time)
        requests.increment(by: UInt64(report.requests))
    }

    public func observe(_ store: EmbeddedStore, limits: EtcdLimits) {
        registry.measuredGauge("etcd_server_has_leader", "Whether or not a leader exists. 1 is existence, 0 is not.") {
            1
        }
        registry.measuredGauge("etcd_server_is_leader", "Whether or not this member is a leader. 1 if is, 0 otherwise.")
        { 1 }
        registry.measuredGauge("etcd_server_quota_backend_bytes", "Current backend storage quota size in bytes.") {
            Double(limits.storeBytes)
        }
        registry.measuredGauge("etcd_debugging_mvcc_keys_total", "Total number of keys.") { Double(store.count) }
        registry.measuredGauge("etcd_debugging_mvcc_current_revision", "The current revision of store.") {
            Double(store.revisions.latest)
        }
        registry.measuredGauge("etcd_debugging_mvcc_compact_revision", "The revision of the last compaction in store.")
        { Double(store.revisions.compacted) }
        registry.measuredGauge("etcd_debugging_mvcc_watcher_total", "Total number of watchers that wait.") {
            Double(store.watcherCount)
        }
        registry.measuredGauge(
            "etcd_mvcc_db_total_size_in_bytes", "Total size of the underlying database physically allocated in bytes."
        ) { (try? store.sizeNow()).map { Double($0.allocated) } }
        registry.measuredGauge(
            "etcd_mvcc_db_total_size_in_use_in_bytes",
            "Total size of the underlying database logically in use in bytes."
        ) { (try? store.sizeNow()).map { Double($0.used) } }
    }

    /// `/metrics`, `/health`, `/livez`, `/readyz`, `/healthz` and `/version`.
    public func routes(_ server: EtcdServer) -> HTTPRoutes {
        var routes = HTTPRoutes()
        let registry = registry
        routes.get("/metrics") { _ in
            HTTPResponse(
                headers: [HTTPHeader("Content-Type", MetricsRegistry.contentType)], body: registry.exposition())
        }
        routes.get("/health") { _ in Self.health(server.alarms.raised) }
        // As etcd 3.5.11's: alive while it answers, ready while the store can be read.
        for path in ["/livez", "/healthz"] { routes.get(path) { _ in .text("ok") } }
        routes.get("/readyz") { _ in
            server.isReadable ? .text("ok") : .text("the store cannot be read\n", status: 503)
        }
        routes.get("/version") { _ in
            .json(Array("{\"etcdserver\":\"\(EtcdServer.version)\",\"etcdcluster\":\"3.5.0\"}".utf8))
        }
        return routes
    }

    /// As etcd's: 503 while an alarm is raised.
    static func health(_ alarms: [Alarms.Kind]) -> HTTPResponse {
        guard let alarm = alarms.first else { return .json(Array(#"{"health":"true","reason":""}"#.utf8)) }
        return .json(Array(#"{"health":"false","reason":"ALARM \#(alarm.name)"}"#.utf8), status: 503)
    }
}
