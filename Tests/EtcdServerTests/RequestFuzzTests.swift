import EtcdAPI
import FoundationEssentials
import StoreCore
import SwiftProtobuf
import TestRandom
import Testing

@testable import EtcdServer

/// Requests with a few bytes changed: each is refused or does what the model of a store does.
@Suite struct RequestFuzzTests {
    private static func key(_ text: String) -> Data { Data(text.utf8) }

    private static let ranges: [RangeRequest] = [
        .with {
            ($0.key, $0.rangeEnd) = (key("a"), key("c"))
            ($0.limit, $0.revision, $0.sortOrder, $0.sortTarget) = (2, 3, .descend, .value)
        },
        .with {
            ($0.key, $0.rangeEnd, $0.countOnly, $0.minModRevision) = (key("a"), Data([0]), true, 2)
            ($0.maxModRevision, $0.minCreateRevision, $0.maxCreateRevision, $0.keysOnly) = (9, 1, 8, true)
        },
    ]

    private static let transactions: [TxnRequest] = {
        let put = Etcdserverpb_RequestOp.with {
            $0.requestPut = .with { ($0.key, $0.value, $0.lease, $0.prevKv) = (key("a"), key("v"), 7, true) }
        }
        let delete = Etcdserverpb_RequestOp.with {
            $0.requestDeleteRange = .with { ($0.key, $0.rangeEnd, $0.prevKv) = (key("b"), key("d"), true) }
        }
        let range = Etcdserverpb_RequestOp.with { $0.requestRange = ranges[0] }
        let compare = Etcdserverpb_Compare.with {
            ($0.key, $0.rangeEnd, $0.result, $0.target, $0.value) = (key("a"), key("b"), .notEqual, .value, key("w"))
        }
        let nested = TxnRequest.with { ($0.compare, $0.success, $0.failure) = ([compare], [put], [range, put]) }
        return [
            .with { ($0.success, $0.failure) = ([put, delete], [range]) },
            .with { ($0.compare, $0.success) = ([compare, compare], [delete, .with { $0.requestTxn = nested }]) },
            .with { $0.success = [.with { $0.requestPut = .with { ($0.key, $0.ignoreValue) = (key("a"), true) } }] },
            .with { $0.success = (0..<4).map { n in .with { $0.requestPut = .with { $0.key = key("c\(n)") } } } },
        ]
    }()

    private static func changed(_ message: some SwiftProtobuf.Message, _ random: inout SeededRandom) throws -> [UInt8] {
        var bytes: [UInt8] = try message.serializedBytes()
        for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes.remove(at: index)
            case 3: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
            default: bytes += bytes[index...]
            }
        }
        return bytes
    }

    @Test(arguments: 0..<8) func changedRequestsAreRefusedOrObeyed(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var space = KeySpace()
        var model = ModelStore()
        var ring = EventRing(start: 1)
        model.grant(7)
        _ = try space.grant(7, fresh: 0, seconds: 60, now: 0)
        var (refused, obeyed) = (0, 0)
        for step in 0..<150 {
            let past: KeySpace.Past = { [ring] range, revision in
                ring.events(after: revision)?.joined().filter { range.contains($0.key) }.reversed() ?? []
            }
            let bytes = try Self.changed(Self.transactions.randomElement(using: &random) ?? .init(), &random)
            if let request = try? TxnRequest(serializedBytes: bytes), let asked = try? Transaction(request, most: 128) {
                let wanted = Result { () throws(StoreError) in try model.apply(asked) }
                let got = Result { try space.apply(asked, past) }
                #expect((try? got.get())?.result == (try? wanted.get()), "seed \(seed), step \(step): \(asked)")
                guard let applied = try? got.get() else { continue }
                ring.append(applied.events)
                let answer = try TxnResponse(applied.result, ResponseHeader()).serializedBytes() as [UInt8]
                #expect(try TxnResponse(serializedBytes: answer).responses.count == applied.result.results.count)
                obeyed += 1
            } else {
                refused += 1
            }
            let read = try Self.changed(Self.ranges.randomElement(using: &random) ?? .init(), &random)
            guard let request = try? RangeRequest(serializedBytes: read), let query = try? RangeQuery(request) else {
                refused += 1
                continue
            }
            let modelled = Result { () throws(StoreError) in try model.range(query) }
            #expect((try? space.range(query, past)) == (try? modelled.get()), "seed \(seed), step \(step): \(query)")
        }
        #expect(refused > 20 && obeyed > 20, "seed \(seed): \(refused) refused, \(obeyed) obeyed")
    }

    @Test(arguments: 0..<8) func changedWatchesAndLeasesDoNoHarm(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let create = WatchCreateRequest.with {
            ($0.key, $0.rangeEnd, $0.startRevision, $0.watchID) = (Self.key("a"), Self.key("b"), 5, 3)
            ($0.filters, $0.prevKv, $0.fragment) = ([.noput, .nodelete], true, true)
        }
        let grant = Etcdserverpb_LeaseGrantRequest.with { ($0.ttl, $0.id) = (9_000_000_000, 77) }
        let event = StoreEvent(.put, KeyValue(key: Array("a".utf8)), previous: nil)
        var space = KeySpace()
        var (shown, granted) = (0, 0)
        for _ in 0..<300 {
            if let request = try? WatchCreateRequest(serializedBytes: try Self.changed(create, &random)) {
                let order = WatchOrder(request)
                if order.shows(event), order.range.contains(event.key) { shown += 1 }
            }
            guard let request = try? Etcdserverpb_LeaseGrantRequest(serializedBytes: try Self.changed(grant, &random)),
                let lease = try? space.grant(request.id, fresh: 1, seconds: request.ttl, now: 0)
            else { continue }
            #expect((LeaseTable.shortestSeconds...LeaseTable.longestSeconds).contains(lease.seconds))
            #expect(lease.deadline == lease.seconds * 1000)
            granted += 1
        }
        #expect(shown > 0 && granted > 0)
        #expect(space.expiredLeases(now: .max / 2).count == space.leases.count)
    }
}
