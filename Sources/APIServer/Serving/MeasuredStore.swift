import KubeSchema
import StoreCore
import Telemetry

/// A store whose requests are timed, under the names that dashboards know from kube-apiserver.
public struct MeasuredStore: Store {
    private let base: any Store
    private let metrics: StoreMetrics

    public init(_ base: any Store, _ metrics: StoreMetrics) {
        self.base = base
        self.metrics = metrics
    }

    public var revisions: (latest: Revision, compacted: Revision) { base.revisions }

    public func range(_ query: RangeQuery) async throws -> (result: RangeResult, revision: Revision) {
        let operation = query.countOnly ? "count" : query.range.isSingle ? "get" : "list"
        return try await metrics.time(operation, query.range.start) { try await base.range(query) }
    }

    public func apply(_ transaction: Transaction) async throws -> TransactionResult {
        let (operation, key) = Self.kind(of: transaction)
        return try await metrics.time(operation, key) { try await base.apply(transaction) }
    }

    /// What its first operation does tells.
    private static func kind(of transaction: Transaction) -> (operation: String, key: Bytes) {
        switch transaction.success.first {
        case .put(let put):
            let isNew = transaction.compares.contains {
                $0.target == .modRevision(0) && $0.relation == .equal && $0.range.start == put.key
            }
            return (isNew ? "create" : "update", put.key)
        case .delete(let delete): return ("delete", delete.range.start)
        case .range(let query): return ("get", query.range.start)
        case .transaction, nil: return ("txn", [])
        }
    }

    public func compact(_ revision: Revision) async throws {
        try await metrics.time("compact", []) { try await base.compact(revision) }
    }

    public func watch(_ range: KeyRange, from first: Revision) async throws -> any StoreWatch {
        try await base.watch(range, from: first)
    }

    public func grantLease(_ id: LeaseID, seconds: Int64) async throws -> Lease {
        try await metrics.time("grantLease", []) { try await base.grantLease(id, seconds: seconds) }
    }

    public func keepLeaseAlive(_ id: LeaseID) async throws -> Lease { try await base.keepLeaseAlive(id) }
    public func revokeLease(_ id: LeaseID) async throws -> Revision { try await base.revokeLease(id) }
    public func lease(_ id: LeaseID) async throws -> Lease { try await base.lease(id) }
    public func leases() async throws -> [LeaseID] { try await base.leases() }
}

/// The metrics of a store, by group and resource of the keys.
public struct StoreMetrics: Sendable {
    private let requests: MetricFamily<Counter>
    private let errors: MetricFamily<Counter>
    private let durations: MetricFamily<Histogram>
    private let kinds: [Bytes: Kind]

    private struct Kind: Hashable {
        var group = ""
        var resource = ""
    }

    public init(_ metrics: MetricsRegistry, _ catalog: APICatalog = .builtin) {
        let labels = ["group", "operation", "resource"]
        requests = metrics.counters(
            "etcd_requests_total", "Etcd request counts for each operation and object type.", .alpha, labels: labels)
        errors = metrics.counters(
            "etcd_request_errors_total", "Etcd failed request counts for each operation and object type.", .alpha,
            labels: labels)
        durations = metrics.histograms(
            "etcd_request_duration_seconds", "Etcd request latency in seconds for each operation and object type.",
            .alpha, labels: labels,
            buckets: [
                0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
            ])
        kinds = Dictionary(
            catalog.resources.map { (Bytes($0.storePrefix.utf8), Kind(group: $0.group, resource: $0.resource)) },
            uniquingKeysWith: { first, _ in first })
    }

    func time<Value>(_ operation: String, _ key: Bytes, _ body: () async throws -> Value) async throws -> Value {
        let start = ContinuousClock.now
        let kind = kind(of: key)
        requests[kind.group, operation, kind.resource].increment()
        defer { durations[kind.group, operation, kind.resource].observe(ContinuousClock.now - start) }
        do {
            return try await body()
        } catch {
            errors[kind.group, operation, kind.resource].increment()
            throw error
        }
    }

    /// A prefix has two or three parts; one of a custom resource names group and resource itself.
    private func kind(of key: Bytes) -> Kind {
        let slash = UInt8(ascii: "/")
        let slashes = key.indices.lazy.filter { key[$0] == slash }.prefix(4)
        for end in slashes.dropFirst(2).reversed() {
            if let kind = kinds[Bytes(key[..<end])] { return kind }
        }
        let parts = key.split(separator: slash, maxSplits: 3).dropFirst().prefix(2).map {
            String(decoding: $0, as: UTF8.self)
        }
        return parts.count == 2 && parts[0].contains(".") ? Kind(group: parts[0], resource: parts[1]) : Kind()
    }
}
