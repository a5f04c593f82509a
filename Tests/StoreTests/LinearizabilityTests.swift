import StoreCore
import StoreSequences
import Testing

@testable import Store

@Suite(.timeLimit(.minutes(30))) struct LinearizabilityTests {
    @Test(arguments: 0..<4) func concurrentClientsSeeOneOrder(seed: Int) async throws {
        let folder = StoreFolder()
        let store = try EmbeddedStore(folder: folder.path)
        let clients = try await ConcurrentClients(store, leases: 6)
        #expect(try await clients.fault(clients: 8, calls: 40, seed: seed) == nil, "seed \(seed)")
        await store.close()
    }

    /// The check itself: each of these histories has one thing wrong.
    @Test func wrongHistoriesAreFound() async throws {
        let key = Bytes("k".utf8)
        let start = ContinuousClock.now
        func at(_ second: Int) -> ContinuousClock.Instant { start + .seconds(second) }
        let put = Transaction(success: [.put(.init(key, Bytes("1".utf8)))])
        let written = KeyValue(key: key, value: Bytes("1".utf8), createRevision: 2, modRevision: 2, version: 1)
        let log = [StoreEvent(.put, written, previous: nil)]
        let done = RecordedCall.Kind.transaction(
            put, TransactionResult(succeeded: true, results: [.put(previous: nil)], revision: 2))
        func read(_ found: [KeyValue], _ revision: Revision) -> RecordedCall.Kind {
            .read(RangeQuery(KeyRange(key: key)), RangeResult(keyValues: found, count: Int64(found.count)), revision)
        }
        func fault(_ calls: [RecordedCall], _ log: [StoreEvent] = log) -> String? {
            var check = LinearizabilityCheck(calls, leases: [], log: log)
            return check.fault()
        }
        let write = RecordedCall(done, from: at(0), to: at(2))
        #expect(fault([write, RecordedCall(read([written], 2), from: at(3), to: at(4))]) == nil)
        #expect(fault([write, RecordedCall(read([], 1), from: at(1), to: at(3))]) == nil)
        // A read that began after the write had ended does not see it.
        #expect(fault([write, RecordedCall(read([], 1), from: at(3), to: at(4))])?.contains("ended before") == true)
        #expect(fault([write, RecordedCall(read([], 2), from: at(1), to: at(4))])?.contains("read") == true)
        #expect(fault([write, write])?.contains("returned") == true)
        #expect(fault([write], [])?.contains("the watch saw other") == true)
        #expect(fault([RecordedCall(read([written], 2), from: at(3), to: at(4))])?.contains("nobody made") == true)
    }
}
