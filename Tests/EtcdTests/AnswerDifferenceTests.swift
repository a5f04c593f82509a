import EtcdAPI
import Foundation
import GRPCCore
import TestPrograms
import TestThreads
import Testing

/// Answers of Debian's etcd and of ours to the same requests, field by field.
@Suite(.ownThread, .timeLimit(.minutes(30)), .needs("etcd", "etcdctl"))
struct AnswerDifferenceTests {
    @Test func toRanges() async throws {
        var asks: [Ask] = [.range(""), .range("a"), .range("a") { $0.revision = 9 }, .range("\0", "\0")]
        // Each key has a version of its own: how equal ones are ordered is nobody's promise.
        for (key, puts) in [("b/2", 3), ("b/1", 1), ("b/3", 4), ("b/4", 2)] {
            for number in 0..<puts { asks.append(.put(key, "\(9 - puts)\(number)")) }
        }
        for limit in [0, 1, 3, 4, 9, -1] as [Int64] {
            asks.append(.range("b/", "b0") { $0.limit = limit })
            asks.append(
                .range("b/", "b0") {
                    $0.limit = limit
                    $0.keysOnly = true
                })
            asks.append(
                .range("b/", "b0") {
                    $0.limit = limit
                    $0.countOnly = true
                })
            for order in [Etcdserverpb_RangeRequest.SortOrder.ascend, .descend] {
                for target in Etcdserverpb_RangeRequest.SortTarget.allCases {
                    asks.append(
                        .range("b/", "b0") {
                            $0.limit = limit
                            $0.sortOrder = order
                            $0.sortTarget = target
                        })
                }
            }
        }
        for target in Etcdserverpb_RangeRequest.SortTarget.allCases {
            asks.append(.range("b/", "b0") { $0.sortTarget = target })
        }
        for bound in [-1, 3, 6, 100] as [Int64] {
            for limit in [0, 1] as [Int64] {
                asks += [
                    .range("b/", "b0") { ($0.minModRevision, $0.limit) = (bound, limit) },
                    .range("b/", "b0") { ($0.maxModRevision, $0.limit) = (bound, limit) },
                    .range("b/", "b0") { ($0.minCreateRevision, $0.limit) = (bound, limit) },
                    .range("b/", "b0") { ($0.maxCreateRevision, $0.limit) = (bound, limit) },
                ]
            }
        }
        for (key, end) in [
            ("b/2", ""), ("b/2", "\0"), ("b/3", "b/2"), ("b/2", "b/2"), ("\0", "\0"), ("b/2", "b/2\0"), ("b/2", "b/3"),
        ] { asks += [.range(key, end), .range(key, end) { $0.countOnly = true }] }
        for revision in [-1, 1, 2, 5, 11, 12] as [Int64] {
            asks.append(
                .range("b/", "b0") {
                    $0.revision = revision
                    $0.serializable = true
                })
            asks.append(.range("b/", "b0") { ($0.revision, $0.countOnly, $0.limit) = (revision, true, 1) })
            asks.append(.range("b/", "b0") { ($0.revision, $0.limit) = (revision, 1) })
        }
        asks += [.compact(5), .range("b/2") { $0.revision = 4 }, .range("b/", "b0") { $0.revision = 5 }]
        asks += [.compact(5), .compact(4), .compact(-1), .compact(50), .compact(7, physical: true)]
        try await BesideEtcd().answersAlike(asks)
    }

    @Test func toPutsAndDeletes() async throws {
        try await BesideEtcd().answersAlike([
            .put(""), .put("a", "1"), .put("a", "2") { $0.prevKv = true }, .put("n", "1") { $0.prevKv = true },
            .put("a") { $0.ignoreValue = true }, .put("a", "x") { $0.ignoreValue = true },
            .put("none") { $0.ignoreValue = true }, .put("a", "3") { $0.ignoreLease = true },
            .put("a", "3") { ($0.ignoreLease, $0.lease) = (true, 5) }, .put("none", "3") { $0.ignoreLease = true },
            .put("a", "4") { $0.lease = 99 }, .put("a", "4") { $0.lease = -1 }, .grant(5, 600),
            .put("a", "5") { $0.lease = 5 },
            .put("a") { ($0.ignoreValue, $0.ignoreLease, $0.prevKv) = (true, true, true) },
            .range("a"), .put("a") { $0.ignoreValue = true }, .range("a"), .timeToLive(5, keys: true), .delete(""),
            .delete("none"), .delete("none", withPrevious: true), .delete("a", withPrevious: true), .put("a", "again"),
            .range("a"), .put("b"), .put("c"), .delete("c", "b"), .delete("b", "b"),
            .delete("a", "c", withPrevious: true),
            .delete("\0", "\0"), .range("\0", "\0") { $0.countOnly = true },
            .put(String(repeating: "k", count: 1000), "long"),
            .put("large", String(repeating: "v", count: 1_500_000)),
            .put("large", String(repeating: "v", count: 1_700_000)),
            .put("é\u{1F600}", "ü"), .range("é\u{1F600}"),
        ])
    }

    @Test func toTransactions() async throws {
        let newer: [Etcdserverpb_Compare] = [.compare("a", .greater, .mod, .modRevision(1))]
        var asks: [Ask] = [.put("a", "1"), .put("b", "2"), .put("p/1", "x"), .put("p/2", "x"), .put("p/2", "y")]
        // What headers say inside depends on what was before them.
        asks += [
            .txn([], [.range("a")]),
            .txn([], [.range("a"), .put("a", "2"), .range("a"), .delete("none"), .range("b")]),
            .txn([], [.delete("none"), .range("a"), .txn([], [.range("a")])]),
            .txn([], [.delete("none"), .put("c"), .delete("none"), .delete("p/1", withPrevious: true)]),
            .txn(
                newer, [.txn(newer, [.put("n1"), .range("n1")], else: [.put("n2")]), .range("n1")], else: [.put("n3")]),
            .txn(newer, [.txn([], [.txn([], [.txn([], [.put("deep", "1") { $0.prevKv = true }])])])]), .txn(),
            .txn(newer),
            .txn([], [.range("a") { $0.revision = 2 }, .put("a", "3"), .range("a") { $0.revision = 2 }]),
            .txn([], [.put("a", "4"), .range("\0", "\0") { ($0.countOnly, $0.limit) = (true, 1) }]),
            .txn([], [.range("a") { $0.revision = 3 }, .range("p/", "p0") { ($0.limit, $0.keysOnly) = (1, true) }]),
        ]
        // Refused.
        asks += [
            .txn([], [.init()]), .txn([], [], else: [.init()]), .txn([.compare("", .equal, .mod, .modRevision(0))]),
            .txn([], [.put("")]), .txn([], [.range("")]), .txn([], [.delete("")]), .txn([], [], else: [.put("")]),
            .txn([], [.txn([], [.put("")])]), .txn([], [.put("x") { $0.lease = 77 }]),
            .txn([], [.range("a"), .put("y"), .put("x") { $0.lease = 77 }]), .range("y"),
            .txn([], [], else: [.put("x") { $0.lease = 77 }]), .txn([], [.put("none") { $0.ignoreValue = true }]),
            .txn([], [.put("a", "v") { $0.ignoreValue = true }]), .txn([], [.txn([], [.put("x") { $0.lease = 77 }])]),
            .txn([], [.put("x"), .put("x")]), .txn([], [.put("x"), .delete("x")]),
            .txn([], [.delete("x", "z"), .put("y")]),
            .txn([], [.delete("x"), .delete("x")]), .txn([], [.put("x"), .txn([], [.put("x")])]),
            .txn([], [.txn([], [.put("x")], else: [.put("x")])]),
            .txn([], [.txn([], [.put("x")]), .txn([], [.put("x")])]),
            .txn([], [.txn([], [.put("x")]), .delete("w", "y")]), .txn([], [.txn([], [.delete("w", "y")]), .put("x")]),
            .txn([], [.txn([], [.delete("w", "y")], else: [.put("x")])]), .txn([], [], else: [.put("x"), .put("x")]),

            .txn([], (0..<128).map { .put("m\($0)") }), .txn([], (0..<129).map { .put("m\($0)") }),
            .txn([], (0..<120).map { .put("m\($0)") } + [.txn([], (0..<8).map { .put("n\($0)") })]),
            .txn([], (0..<120).map { .put("m\($0)") } + [.txn([], (0..<7).map { .put("n\($0)") })]),
        ]
        try await BesideEtcd().answersAlike(asks)
    }

    @Test func toCompares() async throws {
        var asks: [Ask] = [
            .grant(5, 600), .put("a", "m"), .put("a", "m"), .put("p/1", "m") { $0.lease = 5 },
            .put("p/2", "n") { $0.lease = 5 },
        ]
        let targets: [(Etcdserverpb_Compare.CompareTarget, [Etcdserverpb_Compare.OneOf_TargetUnion?])] = [
            (.version, [.version(0), .version(1), .version(2), nil]),
            (.create, [.createRevision(2), .createRevision(0)]),
            (.mod, [.modRevision(3), .modRevision(4), .modRevision(0)]),
            (.value, [.value(Data("m".utf8)), .value(Data()), .value(Data("ma".utf8)), nil]),
            (.lease, [.lease(5), .lease(0), nil]),
        ]
        for (kind, values) in targets {
            for value in values {
                for relation in Etcdserverpb_Compare.CompareResult.allCases {
                    for (key, end) in [
                        ("a", ""), ("none", ""), ("p/", "p0"), ("q", "\0"), ("p/2", "p/1"), ("p/1", "p/1"),
                    ] {
                        asks.append(.txn([.compare(key, to: end, relation, kind, value)]))
                    }
                }
            }
        }
        // A target of another kind than it says.
        asks.append(.txn([.compare("a", .equal, .version, .modRevision(2))]))
        asks.append(.txn([.compare("a", .equal, .version, .value(Data("m".utf8)))]))
        try await BesideEtcd().answersAlike(asks)
    }

    @Test func aboutLeases() async throws {
        try await BesideEtcd().answersAlike([
            .leases, .grant(5, 600), .grant(5, 600), .grant(4, 700), .grant(6, 500), .grant(-7, 800), .leases,
            .grant(8, 9_000_000_001), .grant(8, 9_000_000_000), .timeToLive(8), .timeToLive(5),
            .timeToLive(77, keys: true),
            .timeToLive(0), .put("z") { $0.lease = 5 }, .put("b") { $0.lease = 5 }, .put("z") { $0.lease = 4 },
            .timeToLive(5, keys: true), .timeToLive(4, keys: true), .keepAlive([5, 77, 0, 4]), .revoke(77), .revoke(0),
            .revoke(5), .range("b"), .revoke(4), .revoke(6), .revoke(6), .leases,
        ])
    }

    @Test func thatAreRefusals() async throws {
        var asks: [Ask] = [
            .put("a", "1"), .alarm(.activate, .nospace), .alarm(.get, .none), .put("a", "2"),
            .txn([], [.put("a", "2")]),
            .txn([], [.range("a")]), .grant(5, 60), .range("a"), .delete("a"), .alarm(.deactivate, .nospace),
            .alarm(.deactivate, .nospace), .alarm(.get, .nospace), .put("a", "3"),
            .unary("etcdserverpb.KV", "Nothing"), .unary("etcdserverpb.Nothing", "Range"),
            .unary("v3lockpb.Lock", "Unlock").withoutCode, .unary("v3electionpb.Election", "Proclaim"),
            .unary("v3electionpb.Election", "Resign"), .unary("v3electionpb.Election", "Leader"),
            .unary("grpc.health.v1.Health", "Check"), .unary("grpc.health.v1.Health", "Check", [0x0a, 1, 120]),
            .lock("l", lease: 77).withoutCode, .campaign("e", lease: 77).withoutCode, .hashKV(at: 100),
        ]
        var compressed = EtcdSide.options
        compressed.compression = .gzip
        asks.append(
            Ask(
                Etcdserverpb_KV.Method.Range.descriptor, Etcdserverpb_RangeRequest.range("a"),
                Etcdserverpb_RangeResponse.self, compressed))
        try await BesideEtcd().answersAlike(asks)
    }
}

extension Ask {
    /// Answers had no header before etcd 3.5.
    fileprivate static func alarm(
        _ action: Etcdserverpb_AlarmRequest.AlarmAction, _ alarm: Etcdserverpb_AlarmType
    ) -> Ask {
        Ask("alarm \(action) \(alarm)") { side in
            await EtcdSide.text {
                var answer = try await Etcdserverpb_Maintenance.Client(wrapping: side.client).alarm(
                    .with {
                        $0.action = action
                        $0.alarm = alarm
                    })
                answer.clearHeader()
                return answer
            }
        }
    }

    /// The words alone: etcd's locks and elections say of every refusal that its code is unknown.
    fileprivate var withoutCode: Ask {
        Ask(label) { [body] side in await String(body(side).trimmingPrefix { $0 != ":" }) }
    }

    fileprivate static func hashKV(at revision: Int64) -> Ask {
        Ask(
            Etcdserverpb_Maintenance.Method.HashKV.descriptor,
            Etcdserverpb_HashKVRequest.with { $0.revision = revision }, Etcdserverpb_HashKVResponse.self)
    }

    fileprivate static func lock(_ name: String, lease: Int64) -> Ask {
        Ask(
            V3lockpb_Lock.Method.Lock.descriptor,
            V3lockpb_LockRequest.with {
                $0.name = Data(name.utf8)
                $0.lease = lease
            }, V3lockpb_LockResponse.self)
    }

    fileprivate static func campaign(_ name: String, lease: Int64) -> Ask {
        Ask(
            V3electionpb_Election.Method.Campaign.descriptor,
            V3electionpb_CampaignRequest.with {
                $0.name = Data(name.utf8)
                $0.lease = lease
            }, V3electionpb_CampaignResponse.self)
    }

    /// Any method with any bytes; the answer's bytes, or the refusal.
    fileprivate static func unary(_ service: String, _ method: String, _ request: [UInt8] = []) -> Ask {
        Ask("/\(service)/\(method) \(request)") { side in
            do {
                return try await side.client.unary(
                    request: ClientRequest(message: request),
                    descriptor: MethodDescriptor(fullyQualifiedService: service, method: method),
                    serializer: RawMessages(), deserializer: RawMessages(), options: .defaults
                ) { "\(try $0.message.count) bytes" }
            } catch let error as RPCError {
                return "\(error.code): \(error.message)"
            } catch {
                return "\(error)"
            }
        }
    }
}

/// Messages as they are.
struct RawMessages: MessageSerializer, MessageDeserializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes { Bytes(message) }
    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
        bytes.withUnsafeBytes { Array($0) }
    }
}
