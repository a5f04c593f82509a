import Foundation
import GRDB
import StoreCore
import Synchronization
import Testing

@testable import Store

@Suite(.timeLimit(.minutes(30))) struct FaultTests {
    private func store(_ folder: StoreFolder, keys: Int) async throws {
        let store = try EmbeddedStore(folder: folder.path)
        for number in 0..<keys {
            _ = try await store.apply(
                EmbeddedStoreTests.put("key-\(number)", String(repeating: "v\(number) ", count: 100)))
        }
        await store.close()
    }

    private func file(_ folder: StoreFolder) -> URL { URL(filePath: folder.path + "/store.sqlite") }

    private func refusal(_ folder: StoreFolder) -> String {
        do {
            _ = try EmbeddedStore(folder: folder.path)
            return "none"
        } catch {
            return "\(error)"
        }
    }

    /// A killed process loses nothing either way; a machine without power would.
    @Test func commitsAreSyncedToDisk() throws {
        let folder = StoreFolder()
        for _ in 0..<2 {
            let file = try StoreFile(folder: folder.path)
            #expect(try file.syncLevel() == StoreFile.fullSync)
            try file.close()
        }
    }

    @Test func aFlippedBitInAValueIsFound() async throws {
        let folder = StoreFolder()
        try await store(folder, keys: 20)
        var bytes = try Data(contentsOf: file(folder))
        let place = try #require(bytes.range(of: Data("v7 v7 v7".utf8)))
        bytes[place.lowerBound] ^= 1
        try bytes.write(to: file(folder))
        #expect(refusal(folder).contains("is damaged (what was written at revision 9 is no longer what was written)"))
        // What was stored is left as it is.
        bytes = try Data(contentsOf: file(folder))
        #expect(bytes.range(of: Data("v7 v7 v7".utf8))?.lowerBound == place.lowerBound + 3)
        bytes[place.lowerBound] ^= 1
        try bytes.write(to: file(folder))
        let store = try EmbeddedStore(folder: folder.path)
        #expect(store.count == 20)
        await store.close()
    }

    @Test func whatIsNoStoreOrOverwrittenIsRefused() async throws {
        let folder = StoreFolder()
        try await store(folder, keys: 200)
        let whole = try Data(contentsOf: file(folder))
        var noise = whole
        for page in 3..<noise.count / 4096 {
            noise.replaceSubrange(page * 4096..<page * 4096 + 512, with: Data(repeating: 0xa5, count: 512))
        }
        try noise.write(to: file(folder))
        #expect(refusal(folder).contains("is damaged"))
        try Data("what is this? ".utf8 + Data(repeating: 7, count: 9000)).write(to: file(folder))
        #expect(refusal(folder).contains("is damaged"))
        try whole.write(to: file(folder))
        let store = try EmbeddedStore(folder: folder.path)
        #expect(store.count == 200)
        await store.close()
    }

    /// A disk that takes no more: the write fails, and nothing else does.
    @Test(.enabled(if: geteuid() == 0, "needs root: mounts a small disk"))
    func aFullDiskLosesNothing() async throws {
        let folder = StoreFolder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        try #require(mount("tmpfs", folder.path, "tmpfs", 0, "size=600k") == 0)
        defer { umount2(folder.path, CInt(MNT_DETACH)) }
        var store = try EmbeddedStore(folder: folder.path + "/s")
        var acknowledged = 0
        var refusal = ""
        for number in 0..<400 where refusal.isEmpty {
            do {
                _ = try await store.apply(EmbeddedStoreTests.put("k\(number)", String(repeating: "x", count: 4000)))
                acknowledged += 1
            } catch {
                refusal = "\(error)"
            }
        }
        #expect(refusal.contains("cannot write to disk, nothing was changed"), "\(refusal)")
        #expect(store.count == acknowledged)
        #expect(store.revisions.latest == Revision(acknowledged) + 1)
        await store.close()
        store = try EmbeddedStore(folder: folder.path + "/s")
        #expect(store.count == acknowledged)
        await store.close()
    }

    @Test func compactionGoesOnWhenTheDiskTakesItAgain() async throws {
        let folder = StoreFolder()
        let store = try EmbeddedStore(folder: folder.path)
        for number in 0..<20 { _ = try await store.apply(EmbeddedStoreTests.put("k", "\(number)")) }
        try await store.waitForCompaction()
        // The store's writer may have the file for a moment.
        var configuration = Configuration()
        configuration.busyMode = .timeout(30)
        let other = try DatabaseQueue(path: folder.path + "/store.sqlite", configuration: configuration)
        try await other.write { db in
            try db.execute(
                sql: "CREATE TRIGGER full BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
        }
        try await store.compact(store.revisions.latest)
        // Writers are not troubled by it.
        for number in 0..<5 { _ = try await store.apply(EmbeddedStoreTests.put("other", "\(number)")) }
        #expect(store.isCompacting)
        try await other.write { db in try db.execute(sql: "DROP TRIGGER full") }
        try await store.waitForCompaction()
        #expect(try EmbeddedStoreTests.rows(folder) == 6)
        await store.close()
    }

    @Test func leasesKeepTheirTimeWhenTheClockIsSet() async throws {
        let folder = StoreFolder()
        let clocks = Clocks()
        func store() throws -> EmbeddedStore {
            try EmbeddedStore(
                folder: folder.path, clock: { clocks.wall.withLock { $0 } },
                steady: { clocks.steady.withLock { $0 } })
        }
        var one = try store()
        let short = try await one.grantLease(0, seconds: 10)
        let long = try await one.grantLease(0, seconds: 1000)
        // Back by an hour; five seconds pass.
        clocks.wall.withLock { $0 += 5000 - 3_600_000 }
        clocks.steady.withLock { $0 += 5000 }
        try await Self.until { try await one.lease(short.id).deadline < 5_000_000_000 }
        #expect(one.remainingSeconds(of: try await one.lease(short.id)) == 5)
        #expect(one.remainingSeconds(of: try await one.lease(long.id)) == 995)
        // The short one ends when its ten seconds are over.
        clocks.wall.withLock { $0 += 6000 }
        clocks.steady.withLock { $0 += 6000 }
        try await Self.until { try await one.leases() == [long.id] }
        // Forward by a day: nothing ends.
        clocks.wall.withLock { $0 += 86_400_000 }
        try await Self.until { try await one.remainingSeconds(of: one.lease(long.id)) == 989 }
        await one.close()
        // Back while it was not running: no lease has more time left than it was given.
        clocks.wall.withLock { $0 -= 172_800_000 }
        one = try store()
        #expect(one.remainingSeconds(of: try await one.lease(long.id)) == 1000)
        await one.close()
    }

    private final class Clocks: Sendable {
        let steady = Mutex<Int64>(0)
        let wall = Mutex<Int64>(5_000_000_000)
    }

    private static func until(_ holds: () async throws -> Bool) async throws {
        for _ in 0..<1500 {
            if try await holds() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("it did not come about in half a minute")
    }
}
