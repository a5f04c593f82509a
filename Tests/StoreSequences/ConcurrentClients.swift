import StoreCore
import TestRandom

/// Clients that use a store at the same time and note what they are told.
public struct ConcurrentClients: Sendable {
    private let store: any Store
    private let leases: [LeaseID]
    private static let keys = ["a", "b", "c", "d/1", "d/2", "d/3"].map { Bytes($0.utf8) }

    /// Grants `leases` leases for the clients' keys.
    public init(_ store: any Store, leases count: Int) async throws {
        self.store = store
        var leases: [LeaseID] = []
        for _ in 0..<count { leases.append(try await store.grantLease(0, seconds: 600).id) }
        self.leases = leases
    }

    /// Every client makes `count` calls; what they say together is linearizable or the text says why not.
    public func fault(clients: Int, calls count: Int, seed: Int) async throws -> String? {
        let calls = try await withThrowingTaskGroup(of: [RecordedCall].self) { group in
            for client in 0..<clients {
                group.addTask { try await run(count, random: SeededRandom(seed: UInt64(seed * 1000 + client))) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        var check = LinearizabilityCheck(calls, leases: leases, log: try await log())
        return check.fault()
    }

    private func log() async throws -> [StoreEvent] {
        let latest = try await store.range(RangeQuery(.all)).revision
        let watch = try await store.watch(.all, from: 1)
        var events: [StoreEvent] = []
        while (events.last?.revision ?? 1) < latest { events += try await watch.next(patience: nil).events }
        return events
    }

    private func run(_ count: Int, random: SeededRandom) async throws -> [RecordedCall] {
        var random = random
        var calls: [RecordedCall] = []
        /// What this client has read last of each key.
        var read: [Bytes: KeyValue] = [:]
        for number in 0..<count {
            let start = ContinuousClock.now
            guard let kind = try await call(number, &random, &read) else { continue }
            calls.append(RecordedCall(kind, from: start, to: .now))
        }
        return calls
    }

    /// nil when the store refused, which says nothing about its state.
    private func call(
        _ number: Int, _ random: inout SeededRandom, _ read: inout [Bytes: KeyValue]
    ) async throws -> RecordedCall.Kind? {
        let key = Self.keys[Int.random(in: 0..<Self.keys.count, using: &random)]
        let value = Bytes("\(UInt32.random(in: 0 ... .max, using: &random))".utf8)
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3:
            let query = RangeQuery(Bool.random(using: &random) ? KeyRange(key: key) : KeyRange(prefix: Bytes("d".utf8)))
            let (result, revision) = try await store.range(query)
            for keyValue in result.keyValues { read[keyValue.key] = keyValue }
            return .read(query, result, revision)
        case 3..<5:
            var put = Operation.Put(key, value)
            put.returnsPrevious = true
            return try await apply(Transaction(success: [.put(put)]))
        case 5..<8:
            // Compare and swap of what was read, and what is there when it is no longer so.
            let range = KeyRange(key: key)
            return try await apply(
                Transaction(
                    compares: [Compare(range, .equal, .modRevision(read[key]?.modRevision ?? 0))],
                    success: [.put(.init(key, value)), .range(RangeQuery(.all))], failure: [.range(RangeQuery(range))]))
        case 8:
            var delete = Operation.Delete(KeyRange(prefix: Bytes("d".utf8)))
            delete.returnsPrevious = true
            return try await apply(Transaction(success: [.delete(delete), .put(.init(Self.keys[0], value))]))
        default:
            guard let lease = leases.randomElement(using: &random) else { return nil }
            do {
                if number % 8 == 7 { return .revoke(lease, try await store.revokeLease(lease)) }
                return try await apply(Transaction(success: [.put(.init(key, value, lease: lease))]))
            } catch StoreError.leaseNotFound {
                return nil
            }
        }
    }

    private func apply(_ transaction: Transaction) async throws -> RecordedCall.Kind {
        .transaction(transaction, try await store.apply(transaction))
    }
}
