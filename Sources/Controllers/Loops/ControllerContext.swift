import ControllerCore
import Glibc
import KubeAPI
import KubeClient
import Logging

/// What every controller works with.
public final class ControllerContext: Sendable {
    public let client: KubeClient
    public let informers: InformerSet
    public let settings: ControllerSettings
    public let logger: Logger
    let metrics: ControllerMetrics?

    public init(
        client: KubeClient, settings: ControllerSettings = ControllerSettings(), metrics: ControllerMetrics? = nil,
        logger: Logger
    ) {
        self.client = client
        self.settings = settings
        self.metrics = metrics
        self.logger = logger
        informers = InformerSet(client: client, logger: logger, indexes: { Indexes.of($0) })
    }

    subscript(kind: APIKind) -> Informer { informers[kind.resource] }

    /// A queue with its metrics.
    func queue<Key: Hashable & Sendable>(_ name: String) -> WorkLoop<Key> {
        guard let metrics else { return WorkLoop(name, logger: logger) }
        return metrics.queue(name) { WorkLoop(name, logger: logger, observer: $0) }
    }

    /// Nanoseconds since 1970.
    var now: Int64 { WallClock.now() }

    /// As the server has it now; nil when it is gone.
    func live(_ kind: APIKind, _ key: NamespacedName) async throws(ClientError) -> APIObject? {
        do { return try await client.get(kind.resource, key) } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    /// As the informer knows it; the server is asked before it counts as absent.
    func find(_ kind: APIKind, _ key: NamespacedName) async throws(ClientError) -> APIObject? {
        if let known = self[kind][key] { return known }
        return try await live(kind, key)
    }
}

/// One controller: what it watches, and what it does until its task is cancelled.
public protocol Controller: Sendable {
    /// As `--controllers` names it.
    static var name: String { get }
    /// Asks the context for informers and adds its handlers.
    init(_ context: ControllerContext)
    /// Begins when the informers have their pictures.
    func run() async
}
