import StoreSequences
import Testing

@testable import StoreCore

@Suite struct KeySpaceTests {
    /// What the ring kept, as the key space wants it.
    private static func past(_ ring: EventRing) -> KeySpace.Past {
        { range, revision in
            ring.events(after: revision)?.joined().filter { range.contains($0.key) }.reversed() ?? []
        }
    }

    @Test(arguments: 0..<40) func doesWhatTheModelDoes(seed: Int) throws {
        var transactions = RandomTransactions(seed: seed)
        var model = ModelStore()
        var space = KeySpace()
        var ring = EventRing(start: 1)
        model.grant(7)
        _ = try space.grant(7, fresh: 0, seconds: 60, now: 0)
        for step in 0..<80 {
            let transaction = transactions.transaction(upTo: model.revision)
            let before = space.revision
            let wanted = Result { () throws(StoreError) in try model.apply(transaction) }
            let got = Result { try space.apply(transaction, Self.past(ring)) }
            switch (wanted, got) {
            case (.success(let wanted), .success(let got)):
                try #require(got.result == wanted, "seed \(seed), step \(step): \(transaction)")
                ring.append(got.events)
                #expect(got.events == (try model.events(.all, from: before + 1)))
            case (.failure, .failure(let error)):
                #expect(space.revision == before, "seed \(seed), step \(step): \(error)")
            default: Issue.record("seed \(seed), step \(step): \(wanted), but \(got): \(transaction)")
            }
            #expect(space.revision == model.revision)
            let query = transactions.query(upTo: model.revision)
            let read = Result { try space.range(query, Self.past(ring)) }
            let modelled = Result { () throws(StoreError) in try model.range(query) }
            #expect((try? read.get()) == (try? modelled.get()), "seed \(seed), step \(step): \(query)")
        }
    }

    private static func none(_ range: KeyRange, _ revision: Revision) -> [StoreEvent] { [] }

    private static func put(_ key: String, _ value: String = "", lease: LeaseID = 0) -> Operation {
        .put(.init(Array(key.utf8), Array(value.utf8), lease: lease))
    }

    @Test func aTransactionMayChangeAKeyOnlyOnce() throws {
        var space = KeySpace()
        let inner = Transaction(success: [Self.put("a")])
        let cases: [[Operation]] = [
            [Self.put("a"), Self.put("a")], [Self.put("a"), .delete(.init(.all))],
            [Self.put("a"), .transaction(inner)], [.transaction(inner), .transaction(inner)],
            [.transaction(inner), .delete(.init(KeyRange(key: [0x61])))],
            [.transaction(Transaction(failure: [.delete(.init(.all))])), Self.put("a")],
            [.transaction(Transaction(success: [.delete(.init(.all))])), .transaction(inner)],
        ]
        for operations in cases {
            #expect(throws: StoreError.duplicateKey, "\(operations)") {
                try space.apply(Transaction(success: operations), Self.none)
            }
        }
        #expect(space.revision == 1)
        // Either branch of a nested transaction may be taken, so both may write the key.
        let either = Transaction(success: [Self.put("a")], failure: [Self.put("a")])
        _ = try space.apply(Transaction(success: [.transaction(either)]), Self.none)
        _ = try space.apply(
            Transaction(success: [.delete(.init(.all)), .delete(.init(.all))]), Self.none)
        #expect(space.revision == 3)
        // As in etcd, a nested deletion may follow a nested put.
        let gone = try space.apply(
            Transaction(success: [.transaction(inner), .transaction(Transaction(success: [.delete(.init(.all))]))]),
            Self.none)
        #expect(gone.events.map(\.kind) == [.put, .delete])
        #expect(gone.events.last?.previous == gone.events.first?.keyValue)
        #expect(space.count == 0)
    }

    /// As deep as protobuf lets a request be: looking for keys that are changed twice must not double with each level.
    @Test func deeplyNestedTransactionsTakeNoLongerThanTheyAreLong() throws {
        var deep = Transaction(success: [Self.put("deepest")])
        for level in 0..<60 { deep = Transaction(success: [.transaction(deep), Self.put("\(level)")]) }
        var space = KeySpace()
        let time = try ContinuousClock().measure { _ = try space.apply(deep, Self.none) }
        #expect(space.count == 61)
        #expect(time < .seconds(10))
    }

    /// A revision has places for so many events, and no more.
    @Test func aRevisionChangesALimitedNumberOfKeys() throws {
        var space = KeySpace(
            live: (0..<3).map { KeyValue(key: [$0], createRevision: 1, modRevision: 1, version: 1) }, mostChanges: 3)
        let everything = Operation.delete(.init(KeyRange([0], [9])))
        for tooMuch in [[everything, Self.put("z")], [.transaction(Transaction(success: [everything])), everything]] {
            #expect(throws: StoreError.tooManyChanges(limit: 3)) {
                try space.apply(Transaction(success: tooMuch), Self.none)
            }
        }
        // What is not taken does not count.
        let one = try space.apply(Transaction(success: [everything], failure: [everything, everything]), Self.none)
        #expect(one.events.count == 3)
        _ = try space.grant(5, fresh: 0, seconds: 10, now: 0)
        for key in ["a", "b", "c"] {
            _ = try space.apply(Transaction(success: [Self.put(key, lease: 5)]), Self.none)
        }
        #expect(throws: StoreError.tooManyChanges(limit: 3)) {
            try space.apply(Transaction(success: [Self.put("d", lease: 5)]), Self.none)
        }
        #expect(try space.revoke(5).events.count == 3)
    }

    @Test func whatChangesNothingTakesNoRevision() throws {
        var space = KeySpace()
        let applied = try space.apply(Transaction(success: [.delete(.init(.all))]), Self.none)
        #expect(applied.result.revision == 1)
        #expect(applied.events.isEmpty)
    }

    @Test func tooManyOperationsAreRefused() throws {
        var space = KeySpace()
        let many = (0...KeySpace.mostOperations).map { Self.put("k\($0)") }
        #expect(throws: StoreError.tooManyOperations(limit: KeySpace.mostOperations)) {
            try space.apply(Transaction(success: many), Self.none)
        }
    }

    @Test func compactedAndFutureRevisionsAreRefused() throws {
        var space = KeySpace()
        for number in 0..<5 { _ = try space.apply(Transaction(success: [Self.put("k", "\(number)")]), Self.none) }
        try space.compact(4)
        var query = RangeQuery(.all)
        query.revision = 3
        #expect(throws: StoreError.compacted(4)) { try space.range(query, Self.none) }
        query.revision = 7
        #expect(throws: StoreError.futureRevision(6)) { try space.range(query, Self.none) }
        #expect(throws: StoreError.compacted(4)) { try space.compact(4) }
        #expect(throws: StoreError.futureRevision(6)) { try space.compact(7) }
    }

    @Test func aLeaseTakesItsKeysWithIt() throws {
        var space = KeySpace()
        _ = try space.grant(5, fresh: 0, seconds: 10, now: 1000)
        #expect(throws: StoreError.leaseExists) { try space.grant(5, fresh: 0, seconds: 10, now: 0) }
        #expect(throws: StoreError.leaseNotFound) {
            try space.apply(Transaction(success: [Self.put("x", lease: 6)]), Self.none)
        }
        for key in ["a", "b", "c"] {
            _ = try space.apply(Transaction(success: [Self.put(key, lease: 5)]), Self.none)
        }
        // Another lease or none takes the key out of it.
        _ = try space.apply(Transaction(success: [Self.put("b")]), Self.none)
        #expect(space.leases[5]?.keys.count == 2)
        let applied = try space.revoke(5)
        #expect(applied.events.map { String(decoding: $0.key, as: UTF8.self) } == ["a", "c"])
        #expect(Set(applied.events.map(\.revision)) == [6])
        #expect(try space.range(RangeQuery(.all), Self.none).keyValues.map(\.key) == [Array("b".utf8)])
        #expect(throws: StoreError.leaseNotFound) { try space.revoke(5) }
    }
}
