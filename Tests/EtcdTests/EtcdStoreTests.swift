import Foundation
import StoreCore
import StoreEtcd
import StoreSequences
import TestPrograms
import TestThreads
import Testing

/// The store that is an etcd cluster, held against Debian's etcd.
@Suite(.ownThread, .timeLimit(.minutes(30)), .needs("etcd"))
struct EtcdStoreTests {
    private static func store(_ cluster: EtcdCluster) async throws -> EtcdStore {
        let store = try EtcdStore(endpoints: EtcdEndpoint.list(cluster.endpoints), clock: Clock.wall)
        // Until there is a leader.
        for _ in 0..<100 {
            if (try? await store.range(RangeQuery(.all))) != nil { return store }
            try await Task.sleep(for: .milliseconds(200))
        }
        throw EtcdProcess.Failure(description: "etcd does not answer at \(cluster.endpoints)")
    }

    private static func put(_ key: String, _ value: String) -> Transaction {
        Transaction(success: [.put(.init(Bytes(key.utf8), Bytes(value.utf8)))])
    }

    @Test func doesWhatTheModelDoes() async throws {
        let cluster = try EtcdCluster(members: 1)
        let store = try await Self.store(cluster)
        var transactions = RandomTransactions(seed: 4)
        var model = ModelStore()
        model.grant(7)
        _ = try await store.grantLease(7, seconds: 1000)
        for step in 0..<150 {
            let transaction = transactions.transaction(upTo: model.revision)
            // A read of a revision that is not there, nested, ends Debian's etcd.
            guard !transaction.readsThePast, let wanted = try? model.apply(transaction) else { continue }
            let got = try await store.apply(transaction)
            try #require(got == wanted, "step \(step): \(transaction): \(got), not \(wanted)")
            var query = transactions.query(upTo: model.revision)
            // In which order equal versions come is nobody's promise.
            query.sortTarget = .key
            let modelled = Result { () throws(StoreError) in try model.range(query) }
            let read = try? await store.range(query)
            #expect(read?.result == (try? modelled.get()), "step \(step): \(query)")
        }
        let watch = try await store.watch(.all, from: 2)
        var seen: [StoreEvent] = []
        while (seen.last?.revision ?? 1) < model.revision { seen += try await watch.next(patience: nil).events }
        #expect(seen == (try model.events(.all, from: 2)))
        await store.close()
    }

    /// As an API server has it under load: etcd sends a PING with almost each of them.
    @Test func thousandsOfCallsGoOverOneConnection() async throws {
        let cluster = try EtcdCluster(members: 1)
        let store = try await Self.store(cluster)
        let first = store.revisions.latest
        for number in 1...2000 {
            let result = try await store.apply(Self.put("key", String(repeating: "v", count: number)))
            try #require(result.revision == first + Int64(number), "call \(number)")
        }
        await store.close()
    }

    @Test func concurrentClientsSeeOneOrder() async throws {
        let cluster = try EtcdCluster(members: 1)
        let store = try await Self.store(cluster)
        let clients = try await ConcurrentClients(store, leases: 6)
        #expect(try await clients.fault(clients: 8, calls: 30, seed: 1) == nil)
        await store.close()
    }

    @Test func leasesCompactionAndWaiting() async throws {
        let cluster = try EtcdCluster(members: 1)
        let store = try await Self.store(cluster)
        let lease = try await store.grantLease(0, seconds: 60)
        #expect(lease.seconds == 60)
        let key = Bytes("leased".utf8)
        _ = try await store.apply(Transaction(success: [.put(.init(key, [], lease: lease.id))]))
        #expect(try await store.lease(lease.id).keys == [key])
        #expect(try await store.keepLeaseAlive(lease.id).seconds == 60)
        #expect(try await store.leases() == [lease.id])
        let watch = try await store.watch(KeyRange(key: key), from: 0)
        #expect(try await watch.next(patience: .milliseconds(200)).events == [])
        _ = try await store.revokeLease(lease.id)
        #expect(try await watch.next(patience: .seconds(60)).events.map(\.kind) == [.delete])
        await #expect(throws: StoreError.leaseNotFound) { try await store.lease(lease.id) }
        await #expect(throws: StoreError.leaseNotFound) { try await store.keepLeaseAlive(lease.id) }
        await #expect(throws: StoreError.leaseNotFound) { try await store.revokeLease(lease.id) }
        for number in 0..<5 { _ = try await store.apply(Self.put("k", "\(number)")) }
        try await store.compact(6)
        var old = RangeQuery(.all)
        old.revision = 3
        await #expect(throws: StoreError.compacted(6)) { try await store.range(old) }
        let late = try await store.watch(.all, from: 3)
        await #expect(throws: StoreError.compacted(6)) { try await late.next(patience: .seconds(60)) }
        await store.close()
    }

    /// Three members, one of which is killed at a time, while a client writes and another watches.
    @Test func aMemberThatIsKilledLosesNothing() async throws {
        let cluster = try EtcdCluster(members: 3)
        let store = try await Self.store(cluster)
        let watch = try await store.watch(KeyRange(prefix: Bytes("n/".utf8)), from: 2)
        let seen = Task {
            var events: [StoreEvent] = []
            while events.last?.keyValue.value != Bytes("end".utf8) {
                events += try await watch.next(patience: nil).events
            }
            return events
        }
        var acknowledged: [Int] = []
        for number in 0..<90 {
            if number % 30 == 10 { cluster.kill(number / 30) }
            if number % 30 == 25 { try cluster.restart(number / 30) }
            for _ in 0..<100 {
                do {
                    // Unknown whether it happened: putting the same again does no harm.
                    _ = try await store.apply(Self.put("n/\(number)", "\(number)"))
                    acknowledged.append(number)
                    break
                } catch StoreError.unavailable {
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
        }
        #expect(acknowledged == Array(0..<90))
        for _ in 0..<100 {
            if (try? await store.apply(Self.put("n/last", "end"))) != nil { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        let events = try await seen.value
        #expect(zip(events, events.dropFirst()).allSatisfy { $0.revision < $1.revision })
        #expect(Set(events.map { String(decoding: $0.keyValue.value, as: UTF8.self) }).count == 91)
        #expect(try await store.range(RangeQuery(KeyRange(prefix: Bytes("n/".utf8)))).result.count == 91)
        await store.close()
    }

    @Test func nobodyThereIsSaidClearly() async throws {
        let store = try EtcdStore(endpoints: [EtcdEndpoint("http://127.0.0.1:1")], clock: Clock.wall)
        let error = await #expect(throws: StoreError.self) { try await store.range(RangeQuery(.all)) }
        #expect(error?.description.contains("no etcd of [\"http://127.0.0.1:1\"] answers") == true)
        await store.close()
        #expect(throws: StoreError.self) { try EtcdEndpoint.list("10.0.0.1:2379") }
        #expect(throws: StoreError.self) { try EtcdEndpoint.list("") }
        #expect(try EtcdEndpoint.list("http://a:1,unix:///s,https://[::1]:2").count == 3)
    }
}

extension Transaction {
    fileprivate var readsThePast: Bool {
        (success + failure).contains { operation in
            switch operation {
            case .range(let query): query.revision != 0
            case .transaction(let nested): nested.readsThePast
            case .put, .delete: false
            }
        }
    }
}
