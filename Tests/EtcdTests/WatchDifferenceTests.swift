import EtcdAPI
import Foundation
import StoreCore
import TestPrograms
import TestThreads
import Testing

/// What watches say, of Debian's etcd and of ours.
@Suite(.ownThread, .timeLimit(.minutes(30)), .needs("etcd", "etcdctl"))
struct WatchDifferenceTests {
    private static let history: [Ask] = [
        .put("w/a", "1"), .put("w/a", "2"), .put("other"), .put("w/b", "1"), .delete("w/a"), .put("w/a", "3"),
        .txn([], [.put("w/c", "1"), .put("w/d", "1"), .put("other", "2")]), .delete("w/b", "w/d"),
    ]

    @Test func fromOldRevisions() async throws {
        try await BesideEtcd().answersAlike(
            Self.history + [
                .watch([.create("w/", "w0", from: 2)], until: 9),
                .watch([.create("w/", "w0", from: 2) { $0.prevKv = true }], until: 9),
                .watch([.create("w/a", from: 3) { $0.filters = [.noput] }], until: 2),
                .watch([.create("w/a", from: 3) { $0.filters = [.nodelete] }], until: 3),
                .watch([.create("w/a", from: 3) { $0.filters = [.nodelete, .noput] }], until: 1),
                .watch([.create("", "\0", from: 8)], until: 6), .watch([.create("", from: 1)], until: 1),
                .watch([.create("w/b", "\0", from: 5)], until: 6),
                .watch([.create("w/a", from: 2)], until: 5, isLast: true),
                // Several on a stream, with numbers of their own.
                .watch(
                    [
                        .create("w/a", from: 6), .create("w/b", from: 5) { $0.watchID = 7 }, .create("w/c", from: 8),
                        .create("w/d", from: 8) { $0.watchID = 7 }, .create("w/d", from: 8) { $0.watchID = 2 },
                        .create("w/d", from: 8),
                    ], until: 13),
            ])
    }

    @Test func thatAreRefusedOrEnd() async throws {
        try await BesideEtcd().answersAlike(
            Self.history + [
                .watch([.create("b", "a")], until: 1), .watch([.create("b", "b")], until: 1),
                .watch([.create("a"), .cancel(0), .cancel(0), .cancel(99), .create("b")], until: 3),
                .watch(
                    [.create("a"), .cancel(0), .create("b") { $0.watchID = 5 }, .cancel(5), .create("c")], until: 5),
                .watch([.init(), .create("a")], until: 1), .compact(7),
                .watch([.create("w/", "w0", from: 6)], until: 2), .watch([.create("w/", "w0", from: 7)], until: 6),
                .watch([.create("w/", "w0", from: 7) { $0.prevKv = true }], until: 6),
                .watch([.create("w/", "w0", from: 2), .create("w/a", from: 8), .create("w/a")], until: 4),
                .watch([.create("w/", "w0", from: 100), .create("w/a", from: 100)], until: 2),
            ])
    }

    /// As kube-apiserver asks: with a leader, and for progress when its cache is to be as new as an answer.
    @Test func withProgress() async throws {
        try await BesideEtcd().answersAlike(
            Self.history + [
                .watch(
                    [.create("w/", "w0") { $0.progressNotify = true }, .progress], metadata: ["hasleader": "true"],
                    until: 2),
                .watch([.create("w/a", from: 9), .create("w/b", from: 9), .progress, .progress], until: 5),
                .put("later"), .watch([.create("w/a"), .progress], until: 2),
            ])
    }

    @Test func thatAreIdle() async throws {
        try await BesideEtcd(
            etcd: ["--experimental-watch-progress-notify-interval", "300ms"],
            apus: ["--watch-progress-notify-interval", "300ms"]
        ).answersAlike(
            Self.history + [
                .watch([.create("w/a") { $0.progressNotify = true }], until: 3, isEndless: true),
                .watch(
                    [.create("w/b", from: 8) { ($0.progressNotify, $0.watchID) = (true, 4) }, .create("w/c")], until: 4,
                    isEndless: true),
            ])
    }

    /// Events that come while it watches, of transactions, leases and deletions.
    @Test func whileThingsChange() async throws {
        let changes: [Ask] = [
            .grant(5, 600), .put("l/1") { $0.lease = 5 }, .put("l/2", "v") { $0.lease = 5 }, .put("k", "1"),
            .txn([], [.put("l/3"), .delete("k"), .put("m")]), .revoke(5), .put("k", "2"), .delete("\0", "\0"),
        ]
        try await BesideEtcd().answersAlike([
            .put("k", "0"),
            Ask("changes under a watch") { side in
                async let watched = Ask.watch(
                    [.create("", "\0") { $0.prevKv = true }, .create("l/", "l0"), .create("k")], until: 22, isLast: true
                ).body(side)
                try? await Task.sleep(for: .milliseconds(500))
                var answers: [String] = []
                for change in changes { answers.append(await change.body(side)) }
                return await watched + answers.joined(separator: "\n")
            },
        ])
    }
}
