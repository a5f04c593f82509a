import StoreCore
import StoreEtcd

/// How long single puts take while a history is compacted, and just before.
enum CompactionDelay {
    private static let keys = 1000

    static func run(port: Int, versions: Int) async throws {
        try await withServer(port) { store in
            for first in stride(from: 0, to: versions, by: 100) {
                _ = try await store.apply(Transaction(success: (first..<first + 100).map(put)))
            }
            let quiet = try await times(of: store, for: .seconds(2))
            try await store.compact(store.currentRevision())
            let busy = try await times(of: store, for: .seconds(4))
            print(
                "{\"quiet_max_ms\": \(quiet.last ?? 0), \"compact_p99_ms\": \(busy[busy.count * 99 / 100]), "
                    + "\"compact_max_ms\": \(busy.last ?? 0)}")
        }
    }

    private static func put(_ number: Int) -> Operation {
        .put(.init(Bytes("history/\(number % keys)".utf8), Bytes(repeating: 32, count: 256)))
    }

    /// One after the other; milliseconds, the longest last.
    private static func times(of store: EtcdStore, for duration: Duration) async throws -> [Double] {
        let end = ContinuousClock.now + duration
        var times: [Double] = []
        while times.isEmpty || ContinuousClock.now < end {
            let start = ContinuousClock.now
            _ = try await store.apply(Transaction(success: [put(times.count)]))
            times.append((ContinuousClock.now - start).milliseconds)
        }
        return times.sorted()
    }
}
