import Foundation
import StoreCore
import StoreEtcd
import Synchronization
import TestPrograms
import TestRandom
import TestThreads
import Testing

@Suite(.ownThread, .timeLimit(.minutes(30))) struct CrashTests {
    private struct Written: Sendable {
        let number: Int
        /// nil when the server was killed before it answered.
        let revision: Revision?
    }

    /// What four clients have written, all the while.
    private final class Writers: Sendable {
        let isOver = Atomic<Bool>(false)
        let acknowledged = Atomic<Int>(0)
    }

    /// kill -9 at random moments, while four clients write and one watches: 50 times for each seed.
    @Test(arguments: 0..<4) func whatWasAcknowledgedIsThereAndEveryWatchGoesOn(seed: Int) async throws {
        let folder = TestFolder()
        let socket = "unix://\(folder.path)/s"
        var random = SeededRandom(seed: UInt64(seed) + 77)
        let store = try EtcdStore(endpoints: [EtcdEndpoint(socket)], clock: Clock.wall)
        let watching = Self.collect(try await store.watch(.all, from: 2))
        let writers = Writers()
        let writing = (0..<4).map { writer in Task { await Self.write(store, writer, writers) } }
        for _ in 0..<50 {
            let server = try EtcdProcess(folder: folder.path + "/store", ["--listen-client-urls", socket])
            _ = try server.urls()
            let before = writers.acknowledged.load(ordering: .relaxed)
            for _ in 0..<2000 where writers.acknowledged.load(ordering: .relaxed) == before {
                try await Task.sleep(for: .milliseconds(5))
            }
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...40, using: &random)))
            server.crash()
        }
        let server = try EtcdProcess(folder: folder.path + "/store", ["--listen-client-urls", socket])
        _ = try server.urls()
        writers.isOver.store(true, ordering: .relaxed)
        var written: [[Written]] = []
        for task in writing { written.append(await task.value) }
        try await Self.put(store, "end", "")
        Self.check(try await watching.value, written, seed)
        #expect(try await store.range(RangeQuery(.all)).result.keyValues.count == 5)
        #expect(writers.acknowledged.load(ordering: .relaxed) >= 50)
        await store.close()
        _ = server
    }

    @discardableResult
    private static func put(_ store: EtcdStore, _ key: String, _ value: String) async throws -> Revision {
        try await store.apply(Transaction(success: [.put(.init(Bytes(key.utf8), Bytes(value.utf8)))])).revision
    }

    private static func write(_ store: EtcdStore, _ writer: Int, _ writers: Writers) async -> [Written] {
        var written: [Written] = []
        while !writers.isOver.load(ordering: .relaxed) {
            let number = written.count + 1
            let revision = try? await put(store, "w\(writer)", "\(number)")
            written.append(Written(number: number, revision: revision))
            if revision != nil { writers.acknowledged.add(1, ordering: .relaxed) }
        }
        return written
    }

    private static func collect(_ watch: any StoreWatch) -> Task<[StoreEvent], any Error> {
        Task {
            var events: [StoreEvent] = []
            while events.last?.key != Bytes("end".utf8) { events += try await watch.next(patience: nil).events }
            return events
        }
    }

    private static func check(_ events: [StoreEvent], _ written: [[Written]], _ seed: Int) {
        #expect(events.map(\.revision) == events.indices.map { Revision($0) + 2 }, "seed \(seed): a gap or a duplicate")
        for (writer, numbers) in written.enumerated() {
            let key = Bytes("w\(writer)".utf8)
            let seen = events.filter { $0.key == key }.map {
                (number: Int(String(decoding: $0.keyValue.value, as: UTF8.self)) ?? 0, revision: $0.revision)
            }
            // Each number at most once, in order; those acknowledged at the revision that was told.
            #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.number < $1.number }, "seed \(seed)")
            let revisions = Dictionary(uniqueKeysWithValues: seen.map { ($0.number, $0.revision) })
            for one in numbers {
                guard let revision = one.revision else { continue }
                #expect(revisions[one.number] == revision, "seed \(seed): writer \(writer) lost \(one.number)")
            }
        }
    }
}

/// Milliseconds of wall-clock time.
enum Clock {
    static let wall: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1000) }
}
