import DNSCore
import Glibc
import KubeAPI
import KubeClient
import Logging
import Synchronization

/// Follows the cluster's Services, EndpointSlices and namespaces, and hangs up the zone after each change.
final class ZoneFeed: Sendable {
    private let client: KubeClient
    private let board: ZoneBoard
    private let metrics: DNSMetrics
    private let logger: Logger
    private let state: Mutex<ZoneState>

    init(
        client: KubeClient, configuration: ZoneConfiguration, board: ZoneBoard, metrics: DNSMetrics, logger: Logger
    ) {
        self.client = client
        self.board = board
        self.metrics = metrics
        self.logger = logger
        state = Mutex(ZoneState(configuration))
    }

    /// Works until the task is cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await self.reflect(ResourceSelection(.services), .services, ZoneEvent.service, ZoneEvent.serviceDeleted)
            }
            group.addTask {
                var selection = ResourceSelection(
                    GroupVersionResource(resource: "namespaces", isNamespaced: false))
                selection.contents = .metadata
                await self.reflect(
                    selection, .namespaces, { (namespace: APIObject) in .namespace(namespace.name) },
                    { .namespaceDeleted($0.name) })
            }
            group.addTask {
                await self.reflect(
                    ResourceSelection(.endpointSlices), .endpointSlices, ZoneEvent.slice, ZoneEvent.sliceDeleted)
            }
        }
    }

    private func reflect<Object: DecodableObject>(
        _ selection: ResourceSelection, _ source: ZoneSource, _ change: @escaping @Sendable (Object) -> ZoneEvent,
        _ deletion: @escaping @Sendable (NamespacedName) -> ZoneEvent
    ) async {
        let reflector = Reflector<Object>(client: client, selection: selection, logger: logger) { event in
            switch event {
            case .replaceBegin: self.apply(.listBegins(source))
            case .replaceEnd: self.apply(.listEnds(source))
            case .upsert(let object): self.apply(change(object))
            case .delete(let key): self.apply(deletion(key))
            case .malformed(let key?, _): self.apply(.malformed(source, key))
            case .malformed(nil, _), .notServed: break
            }
        }
        await reflector.run()
    }

    /// Nothing is shown before everything is known: changes until then need no copy.
    private func apply(_ event: ZoneEvent) {
        let isShown = state.withLock { state in
            let before = (state.zone.serial, state.zone.isComplete)
            state.apply(event)
            guard state.zone.isComplete, (state.zone.serial, true) != before else { return false }
            board.publish(state.zone)
            metrics.services.set(state.zone.serviceCount)
            if !before.1 {
                logger.info("the zone is complete", metadata: ["services": "\(state.zone.serviceCount)"])
            }
            return before.1
        }
        if isShown, let delay = event.delay { metrics.programming.observe(delay) }
    }
}

extension ZoneEvent {
    /// Seconds since the change that a slice reports.
    fileprivate var delay: Double? {
        guard case .slice(let slice) = self,
            let text = slice.metadata.annotations["endpoints.kubernetes.io/last-change-trigger-time"],
            let change = RFC3339.nanoseconds(text)
        else { return nil }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return max(0, Double(now.tv_sec) - Double(change) / 1e9 + Double(now.tv_nsec) / 1e9)
    }
}
