import Logging
import ServiceLifecycle
import StoreCore

/// Forgets the store's history: every interval, what was history already an interval ago. Servers that share a store take
/// turns by a key that kube-apiserver uses too, so that it is compacted once in an interval.
public struct StoreCompaction: ServiceLifecycle.Service {
    private static let key = KeyRange(key: Bytes("compact_rev_key".utf8))

    private let store: any Store
    private let interval: Duration
    private let logger: Logger

    public init(_ store: any Store, every interval: Duration, logger: Logger) {
        self.store = store
        self.interval = interval
        self.logger = logger
    }

    /// What a server knows of the turns: the key's version, and the latest revision when it last looked.
    struct Turn: Sendable, Hashable {
        var version: Int64 = 0
        var revision: Revision = 0
    }

    public func run() async throws {
        try? await cancelWhenGracefulShutdown {
            var turn = Turn()
            while true {
                try await Task.sleep(for: interval)
                do {
                    turn = try await step(turn)
                } catch let error as StoreError {
                    logger.warning("cannot forget the store's history: \(error)")
                }
            }
        }
    }

    /// Takes the turn if nobody else has, and compacts then.
    func step(_ turn: Turn) async throws -> Turn {
        let result = try await store.apply(
            Transaction(
                compares: [Compare(Self.key, .equal, .version(turn.version))],
                success: [.put(.init(Self.key.start, Bytes(String(turn.revision).utf8)))],
                failure: [.range(RangeQuery(Self.key))]))
        guard result.succeeded else {
            guard case .range(let found)? = result.results.first else { return turn }
            return Turn(version: found.keyValues.first?.version ?? 0, revision: result.revision)
        }
        if turn.revision > 0 {
            do {
                try await store.compact(turn.revision)
            } catch StoreError.compacted {
                // Somebody compacts this store otherwise.
            }
        }
        return Turn(version: turn.version + 1, revision: result.revision)
    }
}
