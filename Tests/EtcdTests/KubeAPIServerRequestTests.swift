import EtcdAPI
import Foundation
import StoreCore
import TestPrograms
import TestThreads
import Testing

/// The requests that kube-apiserver 1.36 makes (k8s.io/apiserver/pkg/storage/etcd3 and etcd's client/v3/kubernetes), with
/// their options and metadata, answered as Debian's etcd does.
@Suite(.ownThread, .timeLimit(.minutes(30)), .needs("etcd", "etcdctl"))
struct KubeAPIServerRequestTests {
    private static let pods = "/registry/pods/default/"
    private static let end = "/registry/pods/default0"

    private static func create(_ key: String, _ value: String, lease: LeaseID = 0) -> Ask {
        .txn([modRevision(key, 0)], [.put(key, value) { $0.lease = lease }])
    }

    private static func update(_ key: String, _ value: String, at revision: Revision) -> Ask {
        .txn([modRevision(key, revision)], [.put(key, value)], else: [.range(key)])
    }

    private static func delete(_ key: String, at revision: Revision) -> Ask {
        .txn([modRevision(key, revision)], [.delete(key)], else: [.range(key)])
    }

    private static func modRevision(_ key: String, _ revision: Revision) -> Etcdserverpb_Compare {
        .compare(key, .equal, .mod, .modRevision(revision))
    }

    @Test func objectsAreWrittenAndRead() async throws {
        try await BesideEtcd().answersAlike([
            // Is it there? Its health check.
            .range("/registry/health"), .range(Self.pods + "a") { $0.limit = 1 },
            Self.create(Self.pods + "a", "one"), Self.create(Self.pods + "a", "again"),
            Self.update(Self.pods + "a", "two", at: 2), Self.update(Self.pods + "a", "late", at: 2),
            .range(Self.pods + "a") { $0.limit = 1 }, .range(Self.pods + "a") { ($0.limit, $0.revision) = (1, 2) },
            // Events go with leases, several of them with one.
            .grant(1234, 3660), Self.create("/registry/events/default/e1", "event", lease: 1234),
            Self.create("/registry/events/default/e2", "event", lease: 1234), .timeToLive(1234, keys: true),
            Self.create(Self.pods + "b", "b"), Self.create(Self.pods + "c", "c"),
            // A list in pages, all of one revision, while others write.
            .range(Self.pods, Self.end) { $0.limit = 2 }, Self.update(Self.pods + "c", "newer", at: 7),
            .range(Self.pods + "b\0", Self.end) { ($0.limit, $0.revision) = (2, 7) },
            .range(Self.pods, Self.end) { $0.countOnly = true }, .range(Self.pods, Self.end) { $0.keysOnly = true },
            Self.delete(Self.pods + "a", at: 2), Self.delete(Self.pods + "a", at: 3),
            Self.delete(Self.pods + "a", at: 3),
            .range(Self.pods, Self.end) { $0.revision = 6 }, .range(Self.pods, Self.end) { $0.revision = 99 },
        ])
    }

    /// The compactor: whoever sets the key's next version compacts.
    @Test func historyIsCompacted() async throws {
        let key = "compact_rev_key"
        func turn(_ version: Int64, _ revision: Revision) -> Ask {
            .txn(
                [.compare(key, .equal, .version, .version(version))], [.put(key, "\(revision)")], else: [.range(key)])
        }
        try await BesideEtcd().answersAlike([
            turn(0, 0), Self.create(Self.pods + "a", "one"), turn(0, 0), turn(1, 3), .compact(3), turn(1, 3),
            .range(Self.pods, Self.end) { $0.revision = 2 }, .range(Self.pods, Self.end) { $0.revision = 3 },
            .compact(3),
            .watch(
                [.create(Self.pods, Self.end, from: 2) { $0.prevKv = true }], metadata: ["hasleader": "true"], until: 2),
            .watch([.create(key, from: 4)], until: 2),
        ])
    }

    /// The watch cache: from the revision of its list, with the state before and with progress; several resources on one
    /// stream, as its client multiplexes those of the same metadata.
    @Test func changesAreWatched() async throws {
        func watch(_ key: String, _ end: String, from revision: Revision) -> Etcdserverpb_WatchRequest {
            .create(key, end, from: revision) { ($0.prevKv, $0.progressNotify) = (true, true) }
        }
        try await BesideEtcd().answersAlike([
            Self.create(Self.pods + "a", "one"), Self.update(Self.pods + "a", "two", at: 2),
            Self.create("/registry/nodes/n", "n"), Self.delete(Self.pods + "a", at: 3),
            .watch(
                [watch(Self.pods, Self.end, from: 3), watch("/registry/nodes/", "/registry/nodes0", from: 3)],
                metadata: ["hasleader": "true", "client-api-version": "3.6.5"], until: 5),
            .watch(
                [watch(Self.pods, Self.end, from: 6), .progress], metadata: ["hasleader": "true"], until: 2),
        ])
    }
}
