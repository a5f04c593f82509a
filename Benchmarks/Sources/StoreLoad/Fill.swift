import StoreCore

/// Puts keys of 256 bytes, a hundred in a transaction.
enum Fill {
    static func run(port: Int, keys: Int) async throws {
        try await withServer(port) { store in
            for first in stride(from: 0, to: keys, by: 100) {
                let puts = (first..<min(keys, first + 100)).map { number in
                    Operation.put(
                        .init(
                            Bytes("/registry/pods/default/pod-\(number)".utf8),
                            Bytes(repeating: UInt8(truncatingIfNeeded: number), count: 256)))
                }
                _ = try await store.apply(Transaction(success: puts))
            }
        }
    }
}

/// Reads all keys at once.
enum List {
    static func run(port: Int, keys: Int) async throws {
        try await withServer(port) { store in
            var query = RangeQuery(KeyRange(prefix: Bytes("/registry/".utf8)))
            query.limit = Int64(keys)
            var times: [Double] = []
            for _ in 0..<5 {
                let start = ContinuousClock.now
                let answer = try await store.range(query)
                times.append((ContinuousClock.now - start).milliseconds)
                guard answer.result.keyValues.count == keys else { throw LoadFailure(description: "keys are missing") }
            }
            print("{\"list_ms\": \(times.sorted()[2])}")
        }
    }
}
