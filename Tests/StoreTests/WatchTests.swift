import StoreCore
import Testing

@testable import Store

@Suite(.timeLimit(.minutes(30))) struct WatchTests {
    /// Watchers of different ranges while writers write: each sees exactly its events, in order, whenever it reads.
    @Test func everyWatcherSeesEachOfItsEventsOnce() async throws {
        let folder = StoreFolder()
        let store = try EmbeddedStore(folder: folder.path)
        let ranges = [KeyRange.all, KeyRange(prefix: Array("w1/".utf8)), KeyRange(key: Array("w2/3".utf8))]
        let total = 4 * 100
        let seen = try await withThrowingTaskGroup(of: (Int, [StoreEvent]).self) { group in
            for (index, range) in ranges.enumerated() {
                let watch = try await store.watch(range, from: 2)
                group.addTask {
                    var events: [StoreEvent] = []
                    var revision: Revision = 0
                    while revision < Revision(total + 1) {
                        let batch = try await watch.next(patience: .milliseconds(50))
                        events += batch.events
                        revision = batch.revision
                        if index == 0 { try await Task.sleep(for: .milliseconds(5)) }
                    }
                    return (index, events)
                }
            }
            group.addTask {
                try await withThrowingTaskGroup(of: Void.self) { writers in
                    for writer in 0..<4 {
                        writers.addTask {
                            for number in 0..<100 {
                                _ = try await store.apply(
                                    EmbeddedStoreTests.put("w\(writer)/\(number % 10)", "\(number)"))
                            }
                        }
                    }
                    try await writers.waitForAll()
                }
                return (-1, [])
            }
            var seen: [Int: [StoreEvent]] = [:]
            for try await (index, events) in group { seen[index] = events }
            return seen
        }
        let all = try #require(seen[0])
        #expect(all.map(\.revision) == Array(2...Revision(total + 1)))
        for index in 1...2 { #expect(seen[index] == all.filter { ranges[index].contains($0.key) }) }
        await store.close()
    }

    @Test func aWatcherThatFellBehindReadsFromDisk() async throws {
        let folder = StoreFolder()
        var store = try EmbeddedStore(folder: folder.path)
        for number in 0..<2500 { _ = try await store.apply(EmbeddedStoreTests.put("k\(number % 50)", "\(number)")) }
        await store.close()
        // After a restart nothing of it is in memory.
        store = try EmbeddedStore(folder: folder.path)
        let watch = try await store.watch(KeyRange(key: Array("k7".utf8)), from: 2)
        var events: [StoreEvent] = []
        while events.count < 50 { events += try await watch.next(patience: .zero).events }
        #expect(events.map { String(decoding: $0.keyValue.value, as: UTF8.self) } == (0..<50).map { "\($0 * 50 + 7)" })
        #expect(events.dropFirst().map(\.previous) == events.dropLast().map { $0.keyValue })
        await store.close()
    }

    /// From memory, and after a restart from disk.
    @Test func aWatchOfLargeValuesReadsAFewAtATime() async throws {
        let folder = StoreFolder()
        var store = try EmbeddedStore(folder: folder.path)
        let large = String(repeating: "x", count: 1 << 20)
        for number in 0..<12 { _ = try await store.apply(EmbeddedStoreTests.put("k\(number)", large)) }
        // One revision comes whole, however large it is.
        let both = ["a", "b", "c", "d", "e"].map { StoreCore.Operation.put(.init(Array($0.utf8), Array(large.utf8))) }
        _ = try await store.apply(Transaction(success: both))
        for _ in 0..<2 {
            let watch = try await store.watch(.all, from: 2)
            var counts: [Int] = []
            while counts.reduce(0, +) < 17 { counts.append(try await watch.next(patience: .zero).events.count) }
            #expect(counts == [4, 4, 4, 5])
            await store.close()
            store = try EmbeddedStore(folder: folder.path)
        }
        await store.close()
    }

    @Test func aWatchEndsWhenItsRevisionIsCompactedTheStoreClosesOrItIsCancelled() async throws {
        let folder = StoreFolder()
        let store = try EmbeddedStore(folder: folder.path)
        for number in 0..<10 { _ = try await store.apply(EmbeddedStoreTests.put("k", "\(number)")) }
        let late = try await store.watch(.all, from: 3)
        try await store.compact(8)
        await #expect(throws: StoreError.compacted(8)) { try await late.next(patience: nil) }
        let waiting = try await store.watch(.all, from: 0)
        let task = Task { try await waiting.next(patience: nil) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let other = Task { try await store.watch(.all, from: 0).next(patience: nil) }
        try await Task.sleep(for: .milliseconds(100))
        await store.close()
        await #expect(throws: StoreError.self) { try await other.value }
        await #expect(throws: StoreError.unavailable("the store is closed")) {
            try await store.apply(EmbeddedStoreTests.put("k"))
        }
    }

    /// Nothing of its range is missing, however much else is compacted meanwhile.
    @Test func aWatchThatWaitsOutlivesCompaction() async throws {
        let folder = StoreFolder()
        let store = try EmbeddedStore(folder: folder.path)
        let watch = try await store.watch(KeyRange(key: Array("mine".utf8)), from: 0)
        #expect(try await watch.next(patience: .milliseconds(1)).events.isEmpty)
        for number in 0..<20 { _ = try await store.apply(EmbeddedStoreTests.put("other", "\(number)")) }
        try await store.compact(store.revisions.latest)
        let next = Task { try await watch.next(patience: nil) }
        let written = try await store.apply(EmbeddedStoreTests.put("mine", "1"))
        #expect(try await next.value.events.map(\.revision) == [written.revision])
        await store.close()
    }

    @Test func aPositionAdvancesWithoutReading() {
        var position = WatchPosition(next: 5)
        position.changed(from: 9)
        #expect(position.next == 5)
        position.read(WatchBatch(events: [], revision: 10), latest: 10)
        #expect(position.isCurrent)
        position.quiet(12)
        #expect(position.seen == 12)
        position.changed(from: 20)
        #expect(position.next == 20)
        #expect(!position.isCurrent)
        position.changed(from: 30)
        #expect(position.next == 20)
        position.read(WatchBatch(events: [], revision: 25), latest: 26)
        #expect(!position.isCurrent)
    }

    @Test func progressIsToldWithoutChanges() async throws {
        let folder = StoreFolder()
        let store = try EmbeddedStore(folder: folder.path)
        _ = try await store.apply(EmbeddedStoreTests.put("other"))
        let watch = try await store.watch(KeyRange(key: [1]), from: 1)
        let batch = try await watch.next(patience: .milliseconds(10))
        #expect(batch == WatchBatch(events: [], revision: 2))
        await store.close()
    }
}
