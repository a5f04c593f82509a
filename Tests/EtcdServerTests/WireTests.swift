import EtcdAPI
import FoundationEssentials
import GRPCServer
import StoreCore
import Testing

@testable import EtcdServer

@Suite struct WireTests {
    private static func put(_ key: String) -> Etcdserverpb_RequestOp {
        .with { $0.requestPut = .with { $0.key = Data(key.utf8) } }
    }

    @Test func healthTellsOfAlarms() {
        let alarms = Alarms()
        let well = EtcdMetrics.health(alarms.raised)
        #expect(well.status == 200 && String(decoding: well.body, as: UTF8.self) == #"{"health":"true","reason":""}"#)
        alarms.raise([.noSpace])
        let full = EtcdMetrics.health(alarms.raised)
        #expect(full.status == 503)
        #expect(String(decoding: full.body, as: UTF8.self) == #"{"health":"false","reason":"ALARM NOSPACE"}"#)
    }

    @Test func refusesRequestsInEtcdsWords() {
        #expect(throws: EtcdError.emptyKey) { try RangeQuery(RangeRequest()) }
        #expect(throws: EtcdError.invalidSortOption) {
            try RangeQuery(
                .with {
                    $0.key = Data("a".utf8)
                    $0.sortOrder = .UNRECOGNIZED(9)
                })
        }
        #expect(throws: EtcdError.valueProvided) {
            try Operation.Put(
                .with {
                    $0.key = Data("a".utf8)
                    $0.value = Data("b".utf8)
                    $0.ignoreValue = true
                })
        }
        #expect(throws: EtcdError.leaseProvided) {
            try Operation.Put(
                .with {
                    $0.key = Data("a".utf8)
                    $0.lease = 4
                    $0.ignoreLease = true
                })
        }
        #expect(throws: EtcdError.keyNotFound) {
            try Transaction(.with { $0.success = [Etcdserverpb_RequestOp()] }, most: 8)
        }
    }

    @Test func countsNestedOperations() throws {
        let nested = TxnRequest.with { $0.success = [Self.put("a"), Self.put("b")] }
        let outer = TxnRequest.with {
            $0.success = [Self.put("c"), .with { $0.requestTxn = nested }]
        }
        #expect(try Transaction(outer, most: 4).success.count == 2)
        #expect(throws: EtcdError.tooManyOperations) { try Transaction(outer, most: 3) }
        #expect(try Transaction(outer, most: 4).mayPut)
    }

    @Test(arguments: [
        (StoreError.compacted(5), RPCStatus.Code.outOfRange, "etcdserver: mvcc: required revision has been compacted"),
        (.futureRevision(5), .outOfRange, "etcdserver: mvcc: required revision is a future revision"),
        (.leaseNotFound, .notFound, "etcdserver: requested lease not found"),
        (.leaseExists, .failedPrecondition, "etcdserver: lease already exists"),
        (.leaseTimeTooLong(limit: 1), .outOfRange, "etcdserver: too large lease TTL"),
        (.duplicateKey, .invalidArgument, "etcdserver: duplicate key given in txn request"),
    ])
    func storeErrorsHaveEtcdsCodesAndWords(error: StoreError, code: RPCStatus.Code, words: String) {
        let told = RPCStatus(error)
        #expect(told.code == code)
        #expect(told.message == words)
    }
}
