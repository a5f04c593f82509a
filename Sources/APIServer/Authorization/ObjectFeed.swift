import KubeAPI
import Logging
import ServiceLifecycle
import StoreCore

/// Keeps something as the store's objects of some kinds are: loads them once, then follows their changes.
public struct ObjectFeed: ServiceLifecycle.Service {
    /// A kind, and where the store keeps it.
    struct Source: Sendable {
        let kind: String
        let prefix: String
        var isNamespaced = false

        var range: KeyRange { KeyRange(prefix: Array((prefix + "/").utf8)) }

        /// Namespace and name in a key.
        func names(of key: Bytes) -> (namespace: String, name: String) {
            let parts = String(decoding: key.dropFirst(prefix.utf8.count + 1), as: UTF8.self).split(separator: "/")
                .map(String.init)
            return isNamespaced ? (parts.first ?? "", parts.last ?? "") : ("", parts.last ?? "")
        }
    }

    private static let retryPause = Duration.seconds(1)

    private let sources: [Source]
    private let store: any Store
    private let logger: Logger
    private let upsert: @Sendable (JSONValue) -> Void
    private let forget: @Sendable (_ kind: String, _ namespace: String, _ name: String) -> Void
    /// All there is of a kind has been told.
    private let loaded: @Sendable (_ kind: String) -> Void

    init(
        _ sources: [Source], store: any Store, logger: Logger, upsert: @escaping @Sendable (JSONValue) -> Void,
        forget: @escaping @Sendable (_ kind: String, _ namespace: String, _ name: String) -> Void,
        loaded: @escaping @Sendable (_ kind: String) -> Void = { _ in }
    ) {
        self.loaded = loaded
        self.sources = sources
        self.store = store
        self.logger = logger
        self.upsert = upsert
        self.forget = forget
    }

    /// Loads everything; before the first request is answered.
    public func load() async throws {
        for source in sources { _ = try await load(source) }
    }

    public func run() async throws {
        try? await cancelWhenGracefulShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for source in sources { group.addTask { try await follow(source) } }
                try await group.waitForAll()
            }
        }
    }

    /// Until cancelled. What changed while nobody watched is found by loading again.
    private func follow(_ source: Source) async throws {
        var known: Set<Bytes> = []
        while !Task.isCancelled {
            do {
                let (keys, revision) = try await load(source)
                for gone in known.subtracting(keys) { remove(gone, source) }
                known = keys
                loaded(source.kind)
                let watch = try await store.watch(source.range, from: revision + 1)
                while true {
                    for event in try await watch.next(patience: nil).events {
                        apply(event, source)
                        if event.kind == .delete { known.remove(event.key) } else { known.insert(event.key) }
                    }
                }
            } catch is CancellationError {
                return
            } catch {
                logger.warning(
                    "objects are read again", metadata: ["kind": "\(source.kind)", "reason": "\(error)"])
                try await Task.sleep(for: Self.retryPause)
            }
        }
    }

    private func load(_ source: Source) async throws -> (keys: Set<Bytes>, revision: Revision) {
        let (result, revision) = try await store.range(RangeQuery(source.range))
        for keyValue in result.keyValues { put(keyValue, source) }
        return (Set(result.keyValues.map(\.key)), revision)
    }

    private func apply(_ event: StoreEvent, _ source: Source) {
        if event.kind == .delete { remove(event.key, source) } else { put(event.keyValue, source) }
    }

    private func remove(_ key: Bytes, _ source: Source) {
        let (namespace, name) = source.names(of: key)
        forget(source.kind, namespace, name)
    }

    private func put(_ keyValue: KeyValue, _ source: Source) {
        do {
            upsert(try JSONParser.parse(keyValue.value, leavingOut: JSONParser.managedFields))
        } catch {
            logger.error(
                "a stored object is no JSON; it counts as gone",
                metadata: ["key": "\(String(decoding: keyValue.key, as: UTF8.self))", "error": "\(error)"])
            remove(keyValue.key, source)
        }
    }
}

extension ObjectFeed {
    /// Flow schemas and priority levels.
    public static func flowControl(_ controller: FlowController, store: any Store, logger: Logger) -> ObjectFeed {
        ObjectFeed(
            [
                Source(kind: "PriorityLevelConfiguration", prefix: "/registry/prioritylevelconfigurations"),
                Source(kind: "FlowSchema", prefix: "/registry/flowschemas"),
            ], store: store, logger: logger, upsert: controller.upsert
        ) { kind, _, name in
            controller.remove(kind: kind, name: name)
        }
    }
}
