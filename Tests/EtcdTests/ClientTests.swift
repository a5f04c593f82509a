import EtcdAPI
import Foundation
import TestPrograms
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import StoreCore
import StoreEtcd
import StoreSequences
import TestThreads
import Testing

/// What etcdctl does not ask for.
@Suite(.ownThread, .timeLimit(.minutes(30))) struct ClientTests {
    private let folder = TestFolder()
    private let server: EtcdProcess
    private let socket: String

    init() throws {
        socket = folder.path + "/s"
        server = try EtcdProcess(folder: folder.path + "/store", ["--listen-client-urls", "unix://\(socket)"])
        _ = try server.urls()
    }

    private func withClient<Result: Sendable>(
        _ body: @Sendable @escaping (GRPCClient<HTTP2ClientTransport.Posix>) async throws -> Result
    ) async throws -> Result {
        try await withGRPCClient(
            transport: .http2NIOPosix(target: .unixDomainSocket(path: socket), transportSecurity: .plaintext)
        ) { try await body($0) }
    }

    private func store() throws -> EtcdStore {
        try EtcdStore(endpoints: [EtcdEndpoint("unix://\(socket)")], clock: Clock.wall)
    }

    @Test(arguments: 0..<2) func concurrentClientsSeeOneOrder(seed: Int) async throws {
        let store = try store()
        let clients = try await ConcurrentClients(store, leases: 6)
        #expect(try await clients.fault(clients: 8, calls: 30, seed: seed) == nil, "seed \(seed)")
        await store.close()
    }

    @Test func aLockIsHeldByOneAtATime() async throws {
        let store = try store()
        let leases = [try await store.grantLease(0, seconds: 60).id, try await store.grantLease(0, seconds: 60).id]
        try await withClient { client in
            let lock = V3lockpb_Lock.Client(wrapping: client)
            let name = Data("l".utf8)
            let first = try await lock.lock(
                .with {
                    $0.name = name
                    $0.lease = leases[0]
                })
            #expect(first.key == Data("l/\(String(leases[0], radix: 16))".utf8))
            async let second = lock.lock(
                .with {
                    $0.name = name
                    $0.lease = leases[1]
                })
            try await Task.sleep(for: .milliseconds(200))
            let queued = try await store.range(RangeQuery(KeyRange(prefix: Bytes("l/".utf8)))).result.count
            #expect(queued == 2)
            let unlocked = try await lock.unlock(.with { $0.key = first.key })
            let held = try await second
            #expect(held.header.revision >= unlocked.header.revision)
            // A lock goes with its lease.
            _ = try await store.revokeLease(leases[1])
            let third = try await lock.lock(.with { $0.name = name })
            #expect(third.key.starts(with: Data("l/".utf8)))
        }
        await store.close()
    }

    @Test func aCampaignIsWonInTurnAndObserved() async throws {
        let store = try store()
        let leases = [try await store.grantLease(0, seconds: 60).id, try await store.grantLease(0, seconds: 60).id]
        try await withClient { client in
            let election = V3electionpb_Election.Client(wrapping: client)
            let name = Data("e".utf8)
            let nobody = await #expect(throws: RPCError.self) { try await election.leader(.with { $0.name = name }) }
            #expect(nobody?.message == "election: no leader")
            let observed = Task {
                try await election.observe(.with { $0.name = name }) { response in
                    var values: [String] = []
                    for try await message in response.messages {
                        values.append(String(decoding: message.kv.value, as: UTF8.self))
                        if values.last == "two" { return values }
                    }
                    return values
                }
            }
            let first = try await election.campaign(
                .with {
                    $0.name = name
                    $0.lease = leases[0]
                    $0.value = Data("one".utf8)
                })
            async let second = election.campaign(
                .with {
                    $0.name = name
                    $0.lease = leases[1]
                    $0.value = Data("two".utf8)
                })
            try await Task.sleep(for: .milliseconds(200))
            _ = try await election.proclaim(
                .with {
                    $0.leader = first.leader
                    $0.value = Data("one and a half".utf8)
                })
            #expect(try await election.leader(.with { $0.name = name }).kv.value == Data("one and a half".utf8))
            try await Task.sleep(for: .milliseconds(200))
            _ = try await election.resign(.with { $0.leader = first.leader })
            #expect(try await second.leader.lease == leases[1])
            let values = try await observed.value
            #expect(values.last == "two")
            #expect(values.contains("one and a half"))
            let late = await #expect(throws: RPCError.self) {
                try await election.proclaim(
                    .with {
                        $0.leader = first.leader
                        $0.value = Data("late".utf8)
                    })
            }
            #expect(late?.message == "election: not leader")
        }
        await store.close()
    }

    /// One stream, several watches: identities, filters, fragments, refusals, and progress after everything else.
    @Test func aStreamCarriesManyWatches() async throws {
        let store = try store()
        let large = Bytes(repeating: 7, count: 700_000)
        for number in 0..<6 {
            _ = try await store.apply(Transaction(success: [.put(.init(Bytes("k\(number % 2)".utf8), large))]))
        }
        for number in 0..<4 {
            _ = try await store.apply(Transaction(success: [.put(.init(Bytes("p/\(number)".utf8), large))]))
        }
        _ = try await store.apply(Transaction(success: [.delete(.init(KeyRange(key: Bytes("k0".utf8))))]))
        _ = try await store.apply(Transaction(success: [.delete(.init(KeyRange(prefix: Bytes("p/".utf8))))]))
        // Too large for one request.
        let huge = Transaction(success: (0..<4).map { .put(.init(Bytes("h/\($0)".utf8), large)) })
        await #expect(throws: StoreError.unavailable("etcd: etcdserver: request is too large")) {
            try await store.apply(huge)
        }
        let responses = try await withClient { client in
            try await Self.responses(
                client,
                [
                    .with {
                        $0.createRequest = .with {
                            $0.key = Data("k0".utf8)
                            $0.startRevision = 2
                            $0.prevKv = true
                        }
                    },
                    .with {
                        $0.createRequest = .with {
                            $0.key = Data("k0".utf8)
                            $0.startRevision = 2
                            $0.filters = [.noput]
                            $0.watchID = 9
                        }
                    },
                    .with {
                        $0.createRequest = .with {
                            $0.key = Data("x".utf8)
                            $0.watchID = 9
                        }
                    },
                    .with {
                        $0.createRequest = .with {
                            $0.key = Data("b".utf8)
                            $0.rangeEnd = Data("a".utf8)
                        }
                    },
                    .with {
                        $0.createRequest = .with {
                            $0.key = Data("p/".utf8)
                            $0.rangeEnd = Data("p0".utf8)
                            $0.startRevision = 13
                            $0.prevKv = true
                            $0.fragment = true
                        }
                    },
                    .with { $0.cancelRequest = .with { $0.watchID = 77 } },
                    .with { $0.progressRequest = .init() },
                ], until: { $0.watchID == -1 && !$0.created })
        }
        let created = responses.filter(\.created)
        #expect(created.map(\.watchID) == [0, 9, -1, -1, 1])
        #expect(created.map(\.cancelReason).contains("mvcc: duplicate watch ID provided on the WatchStream"))
        #expect(created.map(\.cancelReason).contains("mvcc: watcher range is empty"))
        let events = responses.filter { !$0.events.isEmpty }
        let zero = events.filter { $0.watchID == 0 }.flatMap(\.events)
        #expect(zero.map(\.kv.modRevision) == [2, 4, 6, 12])
        #expect(zero.map(\.hasPrevKv) == [false, true, true, true])
        #expect(events.filter { $0.watchID == 9 }.flatMap(\.events).map(\.type) == [.delete])
        let parts = events.filter { $0.watchID == 1 }
        #expect(parts.flatMap(\.events).count == 4)
        #expect(parts.count == 2)
        #expect(parts.map(\.fragment) == [true, false])
        #expect(responses.last?.header.revision == 13)
        await store.close()
    }

    /// What the server says until one response is `last`.
    private static func responses(
        _ client: GRPCClient<HTTP2ClientTransport.Posix>, _ requests: [Etcdserverpb_WatchRequest],
        until last: @Sendable @escaping (Etcdserverpb_WatchResponse) -> Bool
    ) async throws -> [Etcdserverpb_WatchResponse] {
        var options = CallOptions.defaults
        options.maxResponseMessageBytes = Int(Int32.max)
        options.maxRequestMessageBytes = Int(Int32.max)
        return try await Etcdserverpb_Watch.Client(wrapping: client).watch(options: options) { writer in
            for request in requests { try await writer.write(request) }
            try await Task.sleep(for: .seconds(600))
        } onResponse: { response in
            var all: [Etcdserverpb_WatchResponse] = []
            for try await message in response.messages {
                all.append(message)
                if last(message) { break }
            }
            return all
        }
    }
}
