import NetTypes
import Telemetry

/// kube-proxy's metrics under their names, labels and buckets, and those of Apus.
public struct ProxyMetrics: Sendable {
    public typealias Counters = MetricFamily<Counter>
    public typealias Gauges = MetricFamily<Gauge>
    public typealias Histograms = MetricFamily<Histogram>

    /// What /metrics shows.
    public let registry: MetricsRegistry
    /// What /metrics/slis shows.
    public let indicators = MetricsRegistry(countsItself: false)

    public let conntrackDeletedEntries: Counters
    public let conntrackDuration: Histograms
    public let networkProgrammingDuration: Histograms
    public let healthz: Counters
    public let livez: Counters
    public let fullSyncDuration: Histograms
    public let partialSyncDuration: Histograms
    public let syncDuration: Histograms
    public let endpointChangesPending: Gauge
    public let endpointChanges: Counter
    public let serviceChangesPending: Gauge
    public let serviceChanges: Counter
    public let lastQueued: Gauges
    public let lastSync: Gauges
    public let nftablesCleanupFailures: Counters
    public let nftablesSyncFailures: Counters
    /// Labels: traffic policy, family.
    public let noLocalEndpoints: Gauges
    public let featureEnabled: Gauges
    /// Labels: host, verb.
    public let requestDuration: Histograms
    /// Labels: code, host, method.
    public let requests: Counters
    /// Written in iptables mode.
    public let iptables: IPTablesMetrics
    /// Labels: mode, family.
    public let syncFailures: Counters

    public let foreignChangesRepaired: Counters
    public let malformedObjects: Counters
    public let nftablesOperations: Counters
    public let services: Gauge
    public let endpoints: Gauge
    public let eventToKernel: Histogram

    let healthcheck: Gauges
    let healthchecks: Counters

    public init(build: BuildInfo) {
        let registry = MetricsRegistry()
        let names = Names(registry: registry)
        self.registry = registry
        conntrackDeletedEntries = names.familyCounters(
            "conntrack_reconciler_deleted_entries_total", "Cumulative conntrack flows deleted by conntrack reconciler")
        conntrackDuration = names.durations(
            "conntrack_reconciler_sync_duration_seconds", "ReconcileConntrackFlowsLatency latency in seconds")
        networkProgrammingDuration = names.durations(
            "network_programming_duration_seconds", "In Cluster Network Programming Latency in seconds",
            buckets: Buckets.networkProgramming)
        healthz = names.counters("proxy_healthz_total", "Cumulative proxy healthz HTTP status", labels: ["code"])
        livez = names.counters("proxy_livez_total", "Cumulative proxy livez HTTP status", labels: ["code"])
        fullSyncDuration = names.durations(
            "sync_full_proxy_rules_duration_seconds", "SyncProxyRules latency in seconds for full resyncs")
        partialSyncDuration = names.durations(
            "sync_partial_proxy_rules_duration_seconds", "SyncProxyRules latency in seconds for partial resyncs")
        syncDuration = names.durations("sync_proxy_rules_duration_seconds", "SyncProxyRules latency in seconds")
        endpointChangesPending = names.gauge(
            "sync_proxy_rules_endpoint_changes_pending", "Pending proxy rules Endpoint changes")
        endpointChanges = names.counter(
            "sync_proxy_rules_endpoint_changes_total", "Cumulative proxy rules Endpoint changes")
        serviceChangesPending = names.gauge(
            "sync_proxy_rules_service_changes_pending", "Pending proxy rules Service changes")
        serviceChanges = names.counter(
            "sync_proxy_rules_service_changes_total", "Cumulative proxy rules Service changes")
        lastQueued = names.gauges(
            "sync_proxy_rules_last_queued_timestamp_seconds", "The last time a sync of proxy rules was queued")
        lastSync = names.gauges(
            "sync_proxy_rules_last_timestamp_seconds", "The last time proxy rules were successfully synced")
        nftablesCleanupFailures = names.familyCounters(
            "sync_proxy_rules_nftables_cleanup_failures_total", "Cumulative proxy nftables cleanup failures")
        nftablesSyncFailures = names.familyCounters(
            "sync_proxy_rules_nftables_sync_failures_total", "Cumulative proxy nftables sync failures")
        noLocalEndpoints = names.gauges(
            "sync_proxy_rules_no_local_endpoints_total",
            "Number of services with a Local traffic policy and no endpoints", labels: ["traffic_policy", "ip_family"])
        iptables = IPTablesMetrics(names)

        featureEnabled = registry.gauges(
            "kubernetes_feature_enabled",
            "This metric records the data about the stage and enablement of a k8s feature.",
            .beta, labels: ["name", "stage"])
        requestDuration = registry.histograms(
            "rest_client_request_duration_seconds", "Request latency in seconds. Broken down by verb, and host.",
            .alpha,
            labels: ["host", "verb"], buckets: Buckets.request)
        requests = registry.counters(
            "rest_client_requests_total", "Number of HTTP requests, partitioned by status code, method, and host.",
            .alpha, labels: ["code", "host", "method"])

        foreignChangesRepaired = registry.counters(
            "apus_foreign_changes_repaired_total", "Changes by others to our kernel objects that were put right.",
            labels: ["table"])
        syncFailures = registry.counters(
            "apus_sync_failures_total", "Times that the kernel could not be programmed.", labels: ["mode", "ip_family"])
        malformedObjects = registry.counters(
            "apus_malformed_objects_total", "Objects that could not be read.", labels: ["resource"])
        nftablesOperations = registry.counters(
            "apus_nftables_operations_total", "Objects and elements created or deleted in nftables tables.",
            labels: ["kind"])
        services = registry.gauge("apus_services", "Services that are proxied.")
        endpoints = registry.gauge("apus_endpoints", "Endpoints in the slices of all Services.")
        eventToKernel = registry.histogram(
            "apus_event_to_kernel_seconds", "From a change's arrival to its commit in the kernel.",
            buckets: Buckets.eventToKernel)

        healthcheck = indicators.gauges(
            "kubernetes_healthcheck", "This metric records the result of a single healthcheck.", .stable,
            labels: ["name", "type"])
        healthchecks = indicators.counters(
            "kubernetes_healthchecks_total", "This metric records the results of all healthcheck.", .stable,
            labels: ["name", "status", "type"])
        registry.registerProcessMetrics()
        registry.gauges(
            "kubernetes_build_info", "What was built, and of what.", .alpha, labels: BuildInfo.labels
        ).set(1, for: build.values)
    }

    /// The state of the feature gates that the configuration names.
    public func set(featureGates: [String: Bool]) {
        for (name, isEnabled) in featureGates { featureEnabled[name, ""].set(isEnabled ? 1 : 0) }
    }
}

/// Metrics that the iptables mode alone writes: before it was in force there are none of them.
public struct IPTablesMetrics: Sendable {
    /// Labels: table, family.
    public let rulesLastSync: ProxyMetrics.Gauges
    /// Labels: table, family.
    public let rules: ProxyMetrics.Gauges
    public let partialRestoreFailures: ProxyMetrics.Counters
    public let restoreFailures: ProxyMetrics.Counters

    init(_ names: Names) {
        rulesLastSync = names.gauges(
            "sync_proxy_rules_iptables_last", "Number of iptables rules written by kube-proxy in last sync",
            labels: ["table", "ip_family"])
        rules = names.gauges(
            "sync_proxy_rules_iptables_total", "Total number of iptables rules owned by kube-proxy",
            labels: ["table", "ip_family"])
        partialRestoreFailures = names.familyCounters(
            "sync_proxy_rules_iptables_partial_restore_failures_total",
            "Cumulative proxy iptables partial restore failures")
        restoreFailures = names.familyCounters(
            "sync_proxy_rules_iptables_restore_failures_total", "Cumulative proxy iptables restore failures")
    }
}

/// Registers under kube-proxy's prefix.
struct Names {
    let registry: MetricsRegistry

    private func full(_ name: String) -> String { "kubeproxy_" + name }

    func counter(_ name: String, _ help: String) -> Counter { registry.counter(full(name), help, .alpha) }

    func gauge(_ name: String, _ help: String) -> Gauge { registry.gauge(full(name), help, .alpha) }

    func counters(_ name: String, _ help: String, labels: [String]) -> ProxyMetrics.Counters {
        registry.counters(full(name), help, .alpha, labels: labels)
    }

    func familyCounters(_ name: String, _ help: String) -> ProxyMetrics.Counters {
        counters(name, help, labels: ["ip_family"])
    }

    func gauges(_ name: String, _ help: String, labels: [String] = ["ip_family"]) -> ProxyMetrics.Gauges {
        registry.gauges(full(name), help, .alpha, labels: labels)
    }

    func durations(_ name: String, _ help: String, buckets: [Double] = Buckets.sync) -> ProxyMetrics.Histograms {
        registry.histograms(full(name), help, .alpha, labels: ["ip_family"], buckets: buckets)
    }
}

/// Upper bounds of histograms, in seconds.
enum Buckets {
    /// 1 ms, doubled 14 times.
    static let sync = (0..<15).map { Double(1 << $0) / 1000 }

    static let networkProgramming: [Double] =
        [0.25, 0.5] + (1...59).map(Double.init) + stride(from: 60.0, through: 115, by: 5)
        + [120, 150, 180, 210, 240, 270, 300]

    static let request: [Double] = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60]

    static let eventToKernel: [Double] = [
        0.0005, 0.001, 0.0015, 0.002, 0.003, 0.004, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5,
        1, 2, 5,
    ]
}

extension IPFamily {
    /// As Kubernetes names it: `IPv4`.
    var label: String { self == .ipv4 ? "IPv4" : "IPv6" }
}
