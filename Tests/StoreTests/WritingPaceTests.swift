import StoreCore
import Testing

@testable import Store

@Suite(.timeLimit(.minutes(30))) struct WritingPaceTests {
    private static let start = ContinuousClock.now

    private static func isLone(requests: Int, milliseconds: Double, after: Duration) -> Bool {
        var pace = WritingPace()
        pace.note(requests: requests, time: .milliseconds(milliseconds), end: start)
        return pace.isLone(at: start + after)
    }

    @Test func whoeverComesAloneToAQuickDiskWrites() {
        #expect(!WritingPace().isLone(at: Self.start), "nothing is known of the disk")
        #expect(Self.isLone(requests: 1, milliseconds: 0.3, after: .milliseconds(1)))
        #expect(!Self.isLone(requests: 1, milliseconds: 0.3, after: .microseconds(20)), "it waited for the last commit")
        #expect(!Self.isLone(requests: 2, milliseconds: 0.3, after: .milliseconds(1)), "two came together")
        #expect(!Self.isLone(requests: 1, milliseconds: 5, after: .milliseconds(1)), "the disk is slow")
    }

    @Test func onlyFewKeysInMemoryAreShort() {
        let put = Operation.put(.init([1], [2]))
        var past = RangeQuery(KeyRange(key: [1]))
        past.revision = 3
        #expect(Transaction(success: [put, .delete(.init(KeyRange(key: [1])))], failure: [put]).isShort)
        #expect(Transaction(failure: [.range(RangeQuery(KeyRange(key: [1])))]).isShort)
        for long in [
            Transaction(success: Array(repeating: put, count: 5)), Transaction(success: [.range(RangeQuery(.all))]),
            Transaction(success: [.range(past)]), Transaction(success: [.delete(.init(.all))]),
            Transaction(success: [.transaction(Transaction(success: [put]))]),
            Transaction(compares: [Compare(.all, .equal, .version(0))], success: [put]),
        ] {
            #expect(!long.isShort)
        }
    }

    /// Some write themselves, for others the writer does, while it compacts: nothing is lost or done twice.
    @Test func writersOfAllThreadsMeet() async throws {
        let folder = StoreFolder()
        var store = try EmbeddedStore(folder: folder.path)
        let (writers, puts) = (4, 150)
        try await withThrowingTaskGroup(of: Void.self) { [store] group in
            for writer in 0..<writers {
                group.addTask {
                    for number in 0..<puts {
                        if number % 3 == 0 { try await Task.sleep(for: .microseconds(400 * writer)) }
                        try await withCheckedThrowingContinuation { (answer: CheckedContinuation<Void, any Error>) in
                            store.apply(EmbeddedStoreTests.put("\(writer)", "\(number)")) {
                                answer.resume(with: $0.map { _ in })
                            }
                        }
                    }
                }
            }
            group.addTask {
                for _ in 0..<10 {
                    try await Task.sleep(for: .milliseconds(5))
                    // Nothing may have been written since the last one.
                    try? await store.compact(store.revisions.latest)
                }
            }
            try await group.waitForAll()
        }
        for _ in 0..<2 {
            #expect(store.revisions.latest == Revision(writers * puts + 1))
            let found = try await store.range(RangeQuery(.all)).result.keyValues
            #expect(found.map { String(decoding: $0.value, as: UTF8.self) } == Array(repeating: "149", count: writers))
            #expect(found.allSatisfy { $0.version == Int64(puts) })
            await store.close()
            store = try EmbeddedStore(folder: folder.path)
        }
        await store.close()
    }
}
