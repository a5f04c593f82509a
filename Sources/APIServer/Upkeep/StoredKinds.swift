import KubeAPI
import Logging
import ServiceLifecycle
import StoreCore
import Synchronization

/// The stored objects of some kinds without namespaces, and work that is done over after each change of them.
struct StoredKinds: Sendable {
    /// By kind and name.
    typealias Objects = [String: [String: JSONValue]]

    private static let retryPause = Duration.seconds(1)

    private let sources: [ObjectFeed.Source]
    private let store: any Store
    private let logger: Logger
    private let part: @Sendable (JSONValue) -> JSONValue

    /// - Parameters:
    ///   - prefixes: where the store keeps each kind.
    ///   - part: what of an object matters; that alone is kept.
    init(
        _ prefixes: [String: String], _ store: any Store, logger: Logger,
        part: @escaping @Sendable (JSONValue) -> JSONValue = { $0 }
    ) {
        self.part = part
        sources = prefixes.map { ObjectFeed.Source(kind: $0.key, prefix: $0.value) }
        self.store = store
        self.logger = logger
    }

    /// Until shutdown. `settle` is called with everything there is, once all has been read and whenever something has
    /// changed; when it throws it is called again after a pause.
    func follow(_ settle: @escaping @Sendable (Objects) async throws -> Void) async {
        let known = Mutex<Objects>([:])
        let waiting = Mutex(Set(sources.map(\.kind)))
        let (changes, signal) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let feed = ObjectFeed(sources, store: store, logger: logger) { object in
            let (kind, name, kept) = (object["kind"]?.string ?? "", object.meta("name"), part(object))
            known.withLock { $0[kind, default: [:]][name] = kept }
            signal.yield()
        } forget: { kind, _, name in
            known.withLock { _ = $0[kind]?.removeValue(forKey: name) }
            signal.yield()
        } loaded: { kind in
            waiting.withLock { _ = $0.remove(kind) }
            signal.yield()
        }
        try? await cancelWhenGracefulShutdown {
            async let feeding: Void = feed.run()
            for await _ in changes where waiting.withLock(\.isEmpty) {
                do {
                    try await settle(known.withLock { $0 })
                } catch is CancellationError {
                    break
                } catch {
                    logger.warning("the server's own objects are not as they should be yet: \(error)")
                    try await Task.sleep(for: Self.retryPause)
                    signal.yield()
                }
            }
            try await feeding
        }
    }
}
