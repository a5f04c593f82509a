import KubeAPI
import NetTypes
import Telemetry
import Testing

@testable import NodeProxy
@testable import ProxyCore

@Suite struct MetricsTableTests {
    struct Fact: Sendable, CustomTestStringConvertible {
        let name: String
        let type: String
        let labels: [String]
        let buckets: [Double]

        init(_ name: String, _ type: String, _ labels: [String] = [], _ buckets: [Double] = []) {
            (self.name, self.type, self.labels, self.buckets) = (name, type, labels, buckets)
        }

        var testDescription: String { name }
    }

    static let sync: [Double] = [
        0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192, 16.384,
    ]

    static let network: [Double] =
        [0.25, 0.5] + (1...60).map(Double.init)
        + [65, 70, 75, 80, 85, 90, 95, 100, 105, 110, 115, 120, 150, 180, 210, 240, 270, 300]

    /// kube-proxy's metrics: name, type, labels and bounds.
    static let facts: [Fact] = [
        Fact("kubeproxy_conntrack_reconciler_deleted_entries_total", "counter", ["ip_family"]),
        Fact("kubeproxy_conntrack_reconciler_sync_duration_seconds", "histogram", ["ip_family"], sync),
        Fact("kubeproxy_network_programming_duration_seconds", "histogram", ["ip_family"], network),
        Fact("kubeproxy_proxy_healthz_total", "counter", ["code"]),
        Fact("kubeproxy_proxy_livez_total", "counter", ["code"]),
        Fact("kubeproxy_sync_full_proxy_rules_duration_seconds", "histogram", ["ip_family"], sync),
        Fact("kubeproxy_sync_partial_proxy_rules_duration_seconds", "histogram", ["ip_family"], sync),
        Fact("kubeproxy_sync_proxy_rules_duration_seconds", "histogram", ["ip_family"], sync),
        Fact("kubeproxy_sync_proxy_rules_endpoint_changes_pending", "gauge"),
        Fact("kubeproxy_sync_proxy_rules_endpoint_changes_total", "counter"),
        Fact("kubeproxy_sync_proxy_rules_iptables_last", "gauge", ["table", "ip_family"]),
        Fact("kubeproxy_sync_proxy_rules_iptables_partial_restore_failures_total", "counter", ["ip_family"]),
        Fact("kubeproxy_sync_proxy_rules_iptables_restore_failures_total", "counter", ["ip_family"]),
        Fact("kubeproxy_sync_proxy_rules_iptables_total", "gauge", ["table", "ip_family"]),
        Fact("kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds", "gauge", ["ip_family"]),
        Fact("kubeproxy_sync_proxy_rules_last_timestamp_seconds", "gauge", ["ip_family"]),
        Fact("kubeproxy_sync_proxy_rules_nftables_cleanup_failures_total", "counter", ["ip_family"]),
        Fact("kubeproxy_sync_proxy_rules_nftables_sync_failures_total", "counter", ["ip_family"]),
        Fact("kubeproxy_sync_proxy_rules_no_local_endpoints_total", "gauge", ["traffic_policy", "ip_family"]),
        Fact("kubeproxy_sync_proxy_rules_service_changes_pending", "gauge"),
        Fact("kubeproxy_sync_proxy_rules_service_changes_total", "counter"),
        Fact(
            "kubernetes_build_info", "gauge",
            [
                "build_date", "compiler", "git_commit", "git_tree_state", "git_version", "go_version", "major", "minor",
                "platform",
            ]),
        Fact("kubernetes_feature_enabled", "gauge", ["name", "stage"]), Fact("process_start_time_seconds", "gauge"),
        Fact("registered_metrics_total", "counter", ["deprecated_version", "stability_level"]),
        Fact(
            "rest_client_request_duration_seconds", "histogram", ["host", "verb"],
            [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60]),
        Fact("rest_client_requests_total", "counter", ["code", "host", "method"]),
        Fact("apus_foreign_changes_repaired_total", "counter", ["table"]),
        Fact("apus_malformed_objects_total", "counter", ["resource"]),
        Fact("apus_sync_failures_total", "counter", ["mode", "ip_family"]),
        Fact("apus_nftables_operations_total", "counter", ["kind"]), Fact("apus_services", "gauge"),
        Fact("apus_endpoints", "gauge"), Fact("apus_event_to_kernel_seconds", "histogram", [], Buckets.eventToKernel),
    ]

    /// Metrics with at least one member each, so that all are written.
    private static func exposition() -> String {
        let metrics = ProxyMetrics(build: BuildInfo(version: "v1.36.2"))
        let health = ProxyHealth(HealthState(syncPeriod: .seconds(30), needsNode: false), metrics: metrics)
        let observer = MetricsObserver(metrics: metrics, health: health, tableName: "kube-proxy")
        var report = SyncReport(operations: 5)
        report.cleanupFailure = "busy"
        report.rules = ["nat": RuleCount(total: 7, written: 2)]
        observer.queued(services: 2, endpointSlices: 3)
        for mode in [ProxyMode.nftables, .iptables] {
            observer.began(mode, choice: nil)
            for isFull in [true, false] {
                observer.programmed(
                    Programmed(
                        family: .ipv4, isFull: isFull, duration: .milliseconds(3), latency: .milliseconds(1),
                        triggers: [1], report: report, followsFailure: isFull))
            }
            observer.failed(.ipv4, GivenFailure(), retryAfter: .seconds(1))
        }
        observer.repaired(.ipv6, operations: 1)
        observer.malformed(.service, nil, reason: "x")
        observer.deletedFlows(count: 2, duration: .milliseconds(1))
        observer.settled(nil, ProxyCounts(), failed: [], healthChecks: nil)
        metrics.set(featureGates: ["A": true])
        for type in [metrics.healthz, metrics.livez] { type["200"].increment() }
        metrics.requestDuration["h", "GET"].observe(1)
        metrics.requests["200", "h", "GET"].increment()
        return String(decoding: metrics.registry.exposition(), as: UTF8.self)
    }

    struct GivenFailure: Error {}

    static let lines = exposition().split(separator: "\n").map(String.init)

    @Test(arguments: facts) func isWrittenAsKubeProxyWritesIt(fact: Fact) throws {
        #expect(Self.lines.contains("# TYPE \(fact.name) \(fact.type)"))
        let suffix = fact.type == "histogram" ? "_count" : ""
        let samples = Self.lines.filter {
            $0.hasPrefix("\(fact.name)\(suffix){") || $0.hasPrefix("\(fact.name)\(suffix) ")
        }
        let sample = try #require(samples.first)
        #expect(Set(Self.labels(sample)) == Set(fact.labels))
        guard fact.type == "histogram" else { return }
        let first = Self.lines.filter { $0.hasPrefix("\(fact.name)_bucket{") }.prefix(fact.buckets.count + 1)
        let bounds = first.compactMap { line in
            line.split(separator: "le=\"").last?.split(separator: "\"").first.flatMap {
                Double($0 == "+Inf" ? "inf" : $0)
            }
        }
        #expect(bounds == fact.buckets + [.infinity])
    }

    private static func labels(_ sample: String) -> [String] {
        guard let open = sample.firstIndex(of: "{"), let close = sample.lastIndex(of: "}") else { return [] }
        return sample[sample.index(after: open)..<close].split(separator: "\",").compactMap {
            $0.split(separator: "=").first.map(String.init)
        }
    }

    @Test func hasNoUnknownMetric() {
        let names = Self.lines.filter { $0.hasPrefix("# TYPE ") }.compactMap {
            $0.split(separator: " ").dropFirst(2).first
        }
        let known = Set(Self.facts.map(\.name))
        #expect(names.filter { !known.contains(String($0)) && !$0.hasPrefix("process_") } == [])
    }

    @Test func eachModeHasItsOwnMetrics() {
        let metrics = ProxyMetrics(build: BuildInfo(version: "v1"))
        let health = ProxyHealth(HealthState(syncPeriod: .zero, needsNode: false), metrics: metrics)
        let observer = MetricsObserver(metrics: metrics, health: health, tableName: "kube-proxy")
        func lines(_ text: String) -> [String] {
            String(decoding: metrics.registry.exposition(), as: UTF8.self).split(separator: "\n").map(String.init)
                .filter { $0.contains(text) && !$0.hasPrefix("#") }
        }
        func work(_ rules: [String: RuleCount] = [:]) {
            observer.programmed(
                Programmed(
                    family: .ipv4, isFull: true, duration: .zero, latency: nil, triggers: [],
                    report: SyncReport(operations: 1, rules: rules), followsFailure: true))
            observer.failed(.ipv4, GivenFailure(), retryAfter: .zero)
            observer.repaired(.ipv6, operations: 1)
        }
        observer.began(.nftables, choice: nil)
        work()
        #expect(lines("iptables") == [])
        #expect(lines("repaired") == ["apus_foreign_changes_repaired_total{table=\"ip6 kube-proxy\"} 1"])
        observer.switched(ModeChange(from: .nftables, to: .iptables, duration: .zero, leftOver: nil))
        work(["nat": RuleCount(total: 40, written: 3)])
        let family = "ip_family=\"IPv4\""
        #expect(
            lines("rules_iptables_total") == [
                "kubeproxy_sync_proxy_rules_iptables_total{table=\"nat\",\(family)} 40"
            ])
        #expect(
            lines("rules_iptables_last") == [
                "kubeproxy_sync_proxy_rules_iptables_last{table=\"nat\",\(family)} 3"
            ])
        #expect(metrics.iptables.restoreFailures["IPv4"].value == 1)
        #expect(metrics.iptables.partialRestoreFailures["IPv4"].value == 1)
        #expect(metrics.nftablesSyncFailures["IPv4"].value == 1 && metrics.nftablesOperations["full"].value == 1)
        #expect(metrics.syncFailures["iptables", "IPv4"].value == 1)
        #expect(lines("{table=\"ip6 iptables\"}") == ["apus_foreign_changes_repaired_total{table=\"ip6 iptables\"} 1"])
        observer.switched(ModeChange(from: .iptables, to: .userspace, duration: .zero, leftOver: nil))
        work()
        #expect(lines("rules_iptables_total") == [] && lines("rules_iptables_last") == [])
        #expect(metrics.iptables.restoreFailures["IPv4"].value == 1)
        #expect(metrics.syncFailures["userspace", "IPv4"].value == 1)
    }

    @Test func countsWhatTheLoopDoes() {
        let metrics = ProxyMetrics(build: BuildInfo(version: "v1"))
        let health = ProxyHealth(HealthState(syncPeriod: .zero, needsNode: false), metrics: metrics)
        let observer = MetricsObserver(metrics: metrics, health: health, tableName: "kube-proxy") {
            HealthMoment(wall: 100_000_000_000, steady: 0)
        }
        observer.queued(services: 2, endpointSlices: 3)
        observer.queued(services: 1, endpointSlices: 0)
        #expect(metrics.serviceChangesPending.value == 3)
        #expect(metrics.endpointChangesPending.value == 3)
        #expect(metrics.lastQueued["IPv6"].value == 100)
        #expect(!health.isHealthy)
        observer.programmed(
            Programmed(
                family: .ipv4, isFull: false, duration: .milliseconds(3), latency: .milliseconds(4),
                triggers: [99_500_000_000, 200_000_000_000], report: SyncReport(operations: 7)))
        observer.failed(.ipv6, GivenFailure(), retryAfter: .seconds(1))
        var counts = ProxyCounts()
        counts.services = 4
        counts.noLocalEndpointsExternal = 1
        observer.settled(nil, counts, failed: [.ipv6], healthChecks: nil)
        #expect(!health.isHealthy)
        #expect(metrics.serviceChangesPending.value == 3)
        observer.settled(nil, counts, failed: [], healthChecks: nil)
        #expect(health.isHealthy)
        #expect(metrics.serviceChangesPending.value == 0)
        #expect(metrics.serviceChanges.value == 3)
        #expect(metrics.services.value == 4)
        #expect(metrics.noLocalEndpoints["external", "IPv4"].value == 1)
        #expect(metrics.nftablesOperations["partial"].value == 7)
        #expect(metrics.nftablesSyncFailures["IPv6"].value == 1)
        #expect(metrics.partialSyncDuration["IPv4"].count == 1)
        #expect(metrics.fullSyncDuration["IPv4"].count == 0)
        #expect(metrics.eventToKernel.count == 1)
        #expect(metrics.networkProgrammingDuration["IPv4"].sum == 0.5)
        #expect(metrics.lastSync["IPv4"].value == 100)
    }
}
