import Foundation
import StoreCore
import StoreEtcd
import StoreSequences
import TestThreads
import Testing

@Suite(.ownThread, .timeLimit(.minutes(15))) struct CrashTests {
    private struct Written: Sendable {
        let number: Int
        /// nil when the server was killed before it answered.
        let revision: Revision?
    }

    /// kill -9 at random moments, while four clients write and one watches: 50 times for each seed.
    @Test(arguments: 0..<4) func whatWasAcknowledgedIsThereAndEveryWatchGoesOn(seed: Int) async throws {
        let folder = TestFolder()
        let socket = "unix://\(folder.path)/s"
        var random = SeededRandom(seed: UInt64(seed) + 77)
        let store = try EtcdStore(endpoints: [EtcdEndpoint(socket)], clock: Clock.wall)
        var written = [[Written]](repeating: [], count: 4)
        var watching: Task<[StoreEvent], any Error>?
        for round in 0...50 {
            let server = try EtcdProcess(folder: folder.path + "/store", ["--listen-client-urls", socket])
            _ = try server.urls()
            if watching == nil { watching = Self.collect(try await store.watch(.all, from: 2)) }
            if round == 50 {
                try await Self.put(store, "end", "")
                let events = try await #require(watching).value
                Self.check(events, written, seed)
                let all = try await store.range(RangeQuery(.all)).result.keyValues
                #expect(all.count == 5)
                break
            }
            let (pid, delay) = (server.pid, Int.random(in: 0...60, using: &random))
            await withTaskGroup(of: (Int, [Written]).self) { group in
                for writer in written.indices {
                    let next = (written[writer].last?.number ?? 0) + 1
                    group.addTask { (writer, await Self.write(store, writer, from: next)) }
                }
                try? await Task.sleep(for: .milliseconds(5 + delay))
                kill(pid, SIGKILL)
                for await (writer, more) in group { written[writer] += more }
            }
            _ = server.wait()
        }
        #expect(written.joined().contains { $0.revision != nil })
        await store.close()
    }

    @discardableResult
    private static func put(_ store: EtcdStore, _ key: String, _ value: String) async throws -> Revision {
        try await store.apply(Transaction(success: [.put(.init(Bytes(key.utf8), Bytes(value.utf8)))])).revision
    }

    /// Until a write fails.
    private static func write(_ store: EtcdStore, _ writer: Int, from first: Int) async -> [Written] {
        var written: [Written] = []
        var number = first
        while true {
            let revision = try? await put(store, "w\(writer)", "\(number)")
            written.append(Written(number: number, revision: revision))
            if revision == nil { return written }
            number += 1
        }
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
