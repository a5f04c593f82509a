import Logging
import ServiceLifecycle
import StoreCore
import Telemetry

/// Counts the objects of every resource once a minute.
public struct StoredObjectCounts: ServiceLifecycle.Service {
    private static let interval = Duration.seconds(60)

    private let registry: Registry
    private let objects: MetricFamily<Gauge>
    private let deprecated: MetricFamily<Gauge>

    public init(_ registry: Registry, _ metrics: MetricsRegistry) {
        self.registry = registry
        objects = metrics.gauges(
            "apiserver_resource_objects",
            "Number of stored objects at the time of last check split by kind. In case of a fetching error, the value "
                + "will be -1.", .alpha, labels: ["group", "resource"])
        deprecated = metrics.gauges(
            "apiserver_storage_objects",
            "[DEPRECATED, consider using apiserver_resource_objects instead] Number of stored objects at the time of "
                + "last check split by kind. In case of a fetching error, the value will be -1.", .stable,
            labels: ["resource"])
    }

    public func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                await count()
                try await Task.sleep(for: Self.interval)
            }
        }
    }

    func count() async {
        for served in registry.resources.snapshot.all where served.isStored && served.isStoredAsServed {
            var query = RangeQuery(served.range(namespace: ""))
            query.countOnly = true
            let count = (try? await registry.store.range(query).result.count) ?? -1
            let definition = served.definition
            objects[definition.group, definition.resource].set(Int(count))
            deprecated[definition.qualifiedName].set(Int(count))
        }
    }
}
