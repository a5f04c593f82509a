import ControlLoops
import KubeAPI
import Logging
import Synchronization

/// One informer per resource, shared by all who ask.
public final class InformerSet: Sendable {
    private struct State {
        var informers: [GroupVersionResource: Informer] = [:]
        var isRunning = false
    }

    private let client: KubeClient
    private let logger: Logger
    private let indexes: @Sendable (GroupVersionResource) -> [String: ObjectIndex<APIObject>.Indexer]
    private let contents: ResourceSelection.Contents
    private let transform: Informer.Transform?
    private let state = Mutex(State())
    private let additions: AsyncStream<Informer>
    private let addition: AsyncStream<Informer>.Continuation

    /// `indexes` says what the informer of a resource is indexed by.
    public init(
        client: KubeClient, logger: Logger, contents: ResourceSelection.Contents = .whole,
        transform: Informer.Transform? = nil,
        indexes: @escaping @Sendable (GroupVersionResource) -> [String: ObjectIndex<APIObject>.Indexer] = { _ in [:] }
    ) {
        self.client = client
        self.logger = logger
        self.indexes = indexes
        self.contents = contents
        self.transform = transform
        (additions, addition) = AsyncStream.makeStream()
    }

    public subscript(resource: GroupVersionResource) -> Informer {
        state.withLock { state in
            if let known = state.informers[resource] { return known }
            let informer = Informer(
                resource, client: client, contents: contents, indexes: indexes(resource), transform: transform,
                logger: logger)
            state.informers[resource] = informer
            addition.yield(informer)
            return informer
        }
    }

    /// The informer of a resource, if somebody has asked for it.
    public func known(_ resource: GroupVersionResource) -> Informer? { state.withLock { $0.informers[resource] } }

    /// Runs every informer, also those asked for later, until the task is cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for await informer in additions { group.addTask { await informer.run() } }
            group.cancelAll()
        }
    }

    /// Returns when all informers asked for so far have their picture.
    public func waitUntilSynced() async {
        for informer in state.withLock({ Array($0.informers.values) }) { await informer.waitUntilSynced() }
    }
}
