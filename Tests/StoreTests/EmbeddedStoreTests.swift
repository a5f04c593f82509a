import Dispatch
import GRDB
import StoreCore
import StoreSequences
import Synchronization
import Testing

@testable import Store

@Suite(.timeLimit(.minutes(30))) struct EmbeddedStoreTests {
    static func put(_ key: String, _ value: String = "", lease: LeaseID = 0) -> Transaction {
        Transaction(success: [.put(.init(Array(key.utf8), Array(value.utf8), lease: lease))])
    }

    static func delete(_ key: String) -> Transaction {
        Transaction(success: [.delete(.init(KeyRange(key: Array(key.utf8))))])
    }

    /// Random changes with restarts and compactions between them.
    @Test(arguments: 0..<6) func doesWhatTheModelDoesOverRestarts(seed: Int) async throws {
        let folder = StoreFolder()
        var transactions = RandomTransactions(seed: seed)
        var model = ModelStore()
        model.grant(7)
        var store = try EmbeddedStore(folder: folder.path)
        _ = try await store.grantLease(7, seconds: 1000)
        for step in 0..<120 {
            let transaction = transactions.transaction(upTo: model.revision)
            let wanted = Result { () throws(StoreError) in try model.apply(transaction) }
            do {
                let got = try await store.apply(transaction)
                try #require(got == (try wanted.get()), "seed \(seed), step \(step): \(transaction)")
            } catch let error as StoreError {
                guard case .failure = wanted else { throw error }
            }
            if step % 25 == 24 {
                await store.close()
                store = try EmbeddedStore(folder: folder.path)
            }
            if step % 40 == 39, model.revision > model.compactedRevision + 3 {
                let revision = model.revision - 3
                try model.compact(revision)
                try await store.compact(revision)
            }
            let query = transactions.query(upTo: model.revision)
            let modelled = Result { () throws(StoreError) in try model.range(query) }
            let read = try? await store.range(query)
            #expect(read?.result == (try? modelled.get()), "seed \(seed), step \(step): \(query)")
            #expect(store.revisions.latest == model.revision)
        }
        // A watch from the oldest revision that is left sees everything since.
        let first = model.compactedRevision + 1
        let watch = try await store.watch(.all, from: first)
        var seen: [StoreEvent] = []
        while let last = model.revision as Revision?, (seen.last?.revision ?? 0) < last {
            let batch = try await watch.next(patience: .zero)
            seen += batch.events
            if batch.events.isEmpty { break }
        }
        #expect(seen == (try model.events(.all, from: first)))
        await store.close()
    }

    @Test func anotherProcessOrStoreIsRefused() async throws {
        let folder = StoreFolder()
        let store = try EmbeddedStore(folder: folder.path)
        let error = #expect(throws: StoreError.self) { try EmbeddedStore(folder: folder.path) }
        #expect(error.map { "\($0)" }?.contains("uses the store in \(folder.path)") == true)
        await store.close()
    }

    @Test func concurrentWritersAllSucceedAndTheirWritesAreThere() async throws {
        let folder = StoreFolder()
        let store = try EmbeddedStore(folder: folder.path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<16 {
                group.addTask {
                    for number in 0..<50 { _ = try await store.apply(Self.put("w\(writer)/\(number)", "x")) }
                }
            }
            try await group.waitForAll()
        }
        #expect(store.revisions.latest == 801)
        await store.close()
        let again = try EmbeddedStore(folder: folder.path)
        #expect(again.count == 800)
        #expect(again.revisions.latest == 801)
        await again.close()
    }

    /// Requests that come while the disk syncs are written together, with the next sync.
    @Test func oneSyncAnswersAllThatWait() async throws {
        let folder = StoreFolder()
        let reports = Mutex<[Int]>([])
        let gate = DispatchSemaphore(value: 0)
        let store = try EmbeddedStore(
            folder: folder.path,
            onCommit: { report in
                let isFirst = reports.withLock { reports in
                    reports.append(report.requests)
                    return reports.count == 1
                }
                if isFirst { gate.wait() }
            })
        let answers = Mutex<[Revision]>([])
        for number in 0...20 {
            store.apply(Self.put("k\(number)")) { result in
                let revision = try? result.get().revision
                answers.withLock { $0.append(revision ?? 0) }
            }
            while reports.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(1)) }
        }
        // Nothing is answered before its sync.
        #expect(answers.withLock { $0 }.isEmpty)
        gate.signal()
        while answers.withLock({ $0.count }) < 21 { try await Task.sleep(for: .milliseconds(1)) }
        #expect(reports.withLock { $0 } == [1, 20])
        #expect(answers.withLock { $0 } == Array(2...22))
        await store.close()
    }

    @Test func compareAndSwapLosesNoUpdate() async throws {
        let folder = StoreFolder()
        let store = try EmbeddedStore(folder: folder.path)
        _ = try await store.apply(Self.put("n", "0"))
        let key = KeyRange(key: Array("n".utf8))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var left = 20
                    while left > 0 {
                        let read = try await store.range(RangeQuery(key)).result
                        guard let now = read.keyValues.first,
                            let number = Int(String(decoding: now.value, as: UTF8.self))
                        else { continue }
                        var swap = Self.put("n", "\(number + 1)")
                        swap.compares = [Compare(key, .equal, .modRevision(now.modRevision))]
                        if try await store.apply(swap).succeeded { left -= 1 }
                    }
                }
            }
            try await group.waitForAll()
        }
        let value = try await store.range(RangeQuery(key)).result.keyValues.first?.value
        #expect(value == Array("160".utf8))
        await store.close()
    }

    @Test func leasesEndAtTheirDeadlineAlsoOverARestart() async throws {
        let folder = StoreFolder()
        let now = Mutex<Int64>(1_000_000)
        let clock: @Sendable () -> Int64 = { now.withLock { $0 } }
        var store = try EmbeddedStore(folder: folder.path, clock: clock, steady: clock)
        let lease = try await store.grantLease(0, seconds: 10)
        let other = try await store.grantLease(0, seconds: 10)
        _ = try await store.apply(Self.put("a", lease: lease.id))
        _ = try await store.apply(Self.put("b", lease: other.id))
        now.withLock { $0 += 8000 }
        _ = try await store.keepLeaseAlive(other.id)
        await store.close()
        store = try EmbeddedStore(folder: folder.path, clock: clock, steady: clock)
        #expect(try await store.lease(lease.id).deadline == 1_010_000)
        #expect(try await store.lease(lease.id).keys == [Array("a".utf8)])
        let watch = try await store.watch(.all, from: 0)
        now.withLock { $0 += 3000 }
        let batch = try await watch.next(patience: .seconds(20))
        #expect(batch.events.map(\.kind) == [.delete])
        #expect(batch.events.first?.previous?.key == Array("a".utf8))
        #expect(try await store.leases() == [other.id])
        await #expect(throws: StoreError.leaseNotFound) { try await store.lease(lease.id) }
        await store.close()
    }

    @Test func compactionGivesBackSpaceAndRefusesWhatIsGone() async throws {
        let folder = StoreFolder()
        let store = try EmbeddedStore(folder: folder.path)
        let large = String(repeating: "x", count: 4000)
        var sizes: [Int64] = []
        for round in 0..<6 {
            for number in 0..<200 { _ = try await store.apply(Self.put("k\(number % 20)", "\(large)\(round)")) }
            try await store.compact(store.revisions.latest)
            try await store.waitForCompaction()
            sizes.append(try await store.size().used)
        }
        #expect(sizes[5] <= sizes[1] * 3 / 2, "\(sizes)")
        var old = RangeQuery(.all)
        old.revision = 5
        await #expect(throws: StoreError.compacted(1201)) { try await store.range(old) }
        await #expect(throws: StoreError.compacted(1201)) { try await store.watch(.all, from: 5) }
        #expect(try await store.range(RangeQuery(.all)).result.count == 20)
        await store.close()
    }

    /// The last revision's deletions may still be watched, so the next compaction takes them.
    @Test func deletionsAtTheCompactedRevisionGoWithTheNextCompaction() async throws {
        let folder = StoreFolder()
        let store = try EmbeddedStore(folder: folder.path)
        func compactToday() async throws {
            try await store.compact(store.revisions.latest)
            try await store.waitForCompaction()
        }
        var rows: [Int] = []
        for round in 0..<4 {
            for number in 0..<300 { _ = try await store.apply(Self.put("round-\(round)/\(number)")) }
            _ = try await store.apply(Transaction(success: [.delete(.init(.all))]))
            try await compactToday()
            rows.append(try Self.rows(folder))
        }
        #expect(rows == [300, 300, 300, 300])
        _ = try await store.apply(Self.put("k"))
        try await compactToday()
        #expect(try Self.rows(folder) == 1)
        await store.close()
    }

    static func rows(_ folder: StoreFolder) throws -> Int {
        try DatabaseQueue(path: folder.path + "/store.sqlite").read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM log") ?? -1
        }
    }

    /// As it is for a reader that copied the state before the compaction and comes to the disk after it.
    @Test func whatIsCompactedBeneathAReaderIsRefused() async throws {
        let folder = StoreFolder()
        let store = try EmbeddedStore(folder: folder.path)
        for number in 0..<20 { _ = try await store.apply(Self.put("k\(number % 5)", "\(number)")) }
        #expect(try store.undo(.all, after: 11).count == 5)
        try await store.compact(16)
        #expect(throws: StoreError.compacted(16)) { try store.undo(.all, after: 11) }
        #expect(try store.undo(.all, after: 16).count == 5)
        await store.close()
    }
}
