import Foundation
import TestPrograms
import TestThreads
import Testing

@Suite(.ownThread, .timeLimit(.minutes(30)), .needs("etcdctl"))
struct EtcdctlTests {
    private let folder = TestFolder()
    private let server: EtcdProcess
    private let etcdctl: Etcdctl

    init() throws {
        server = try EtcdProcess(folder: folder.path + "/store")
        etcdctl = Etcdctl(endpoint: "127.0.0.1:\(try server.port())")
    }

    @Test func putsGetsAndDeletes() throws {
        #expect(try etcdctl("put", "a", "1") == ["OK"])
        #expect(try etcdctl("put", "--prev-kv", "a", "2") == ["OK", "a", "1"])
        for key in ["b", "c", "d"] { try etcdctl("put", key, key + key) }
        #expect(try etcdctl("get", "a") == ["a", "2"])
        #expect(try etcdctl("get", "a", "--rev", "2") == ["a", "1"])
        #expect(try etcdctl("get", "b", "d") == ["b", "bb", "c", "cc"])
        #expect(try etcdctl("get", "", "--prefix", "--keys-only") == ["a", "", "b", "", "c", "", "d", ""])
        #expect(try etcdctl("get", "", "--prefix", "--limit", "1", "--order", "DESCEND") == ["d", "dd"])
        #expect(
            try etcdctl("get", "b", "--from-key", "--sort-by", "VALUE", "--print-value-only") == ["bb", "cc", "dd"])
        #expect(try etcdctl("del", "b", "--prev-kv") == ["1", "b", "bb"])
        #expect(try etcdctl("del", "", "--prefix") == ["3"])
        #expect(try etcdctl("get", "", "--prefix") == [])
        let kvs = try etcdctl.json("get", "a", "--rev", "3")["kvs"] as? [[String: Any]]
        let found = try #require(kvs?.first)
        #expect(found["create_revision"] as? Int == 2)
        #expect(found["mod_revision"] as? Int == 3)
        #expect(found["version"] as? Int == 2)
        #expect(try etcdctl.failure("get", "a", "--rev", "99").hasSuffix("required revision is a future revision"))
        #expect(try etcdctl.failure("put", "a", "x", "--lease", "77").hasSuffix("requested lease not found"))
        #expect(try etcdctl.failure("put", "a", "--ignore-value").hasSuffix("etcdserver: key not found"))
    }

    @Test func runsTransactions() throws {
        try etcdctl("put", "a", "1")
        let swap = "value(\"a\") = \"1\"\nmod(\"a\") > \"1\"\n\nput a 2\nget a\nput b \"new\"\n\nget a\n\n"
        #expect(try etcdctl("txn", input: swap) == ["SUCCESS", "", "OK", "", "a", "2", "", "OK"])
        #expect(try etcdctl("txn", input: swap) == ["FAILURE", "", "a", "2"])
        let twice = "\nput x 1\nput x 2\n\n\n"
        #expect(try etcdctl.failure("txn", input: twice).hasSuffix("duplicate key given in txn request"))
        let many = "\n" + (0..<129).map { "put k\($0) v\n" }.joined() + "\n\n"
        #expect(try etcdctl.failure("txn", input: many).hasSuffix("too many operations in txn request"))
        #expect(try etcdctl("get", "x") == [])
    }

    @Test func watchesFromAnyRevision() throws {
        try etcdctl("put", "w/a", "1")
        try etcdctl("put", "w/a", "2")
        try etcdctl("put", "other", "x")
        try etcdctl("del", "w/a")
        let seen = try etcdctl.run(["watch", "--rev", "2", "--prefix", "--prev-kv", "w/"], seconds: 2)
        #expect(seen.lines == ["PUT", "w/a", "1", "PUT", "w/a", "1", "w/a", "2", "DELETE", "w/a", "2", "w/a", "", ""])
        #expect(try etcdctl("compaction", "4") == ["compacted revision 4"])
        let late = try etcdctl.run(["watch", "--rev", "3", "w/", "--prefix"], seconds: 10)
        #expect(
            (late.output + late.errors).hasPrefix(
                "watch was canceled (etcdserver: mvcc: required revision has been compacted)"))
        #expect(try etcdctl.failure("compaction", "4").hasSuffix("required revision has been compacted"))
        #expect(try etcdctl.failure("get", "w/a", "--rev", "3").hasSuffix("required revision has been compacted"))
        #expect(try etcdctl("compaction", "--physical", "5") == ["compacted revision 5"])
    }

    @Test func leasesEndAndAreKept() throws {
        let words = try etcdctl("lease", "grant", "2")[0].split(separator: " ")
        #expect(words.dropFirst(2).joined(separator: " ") == "granted with TTL(2s)")
        let id = String(words[1])
        try etcdctl("put", "leased", "x", "--lease", id)
        #expect(try etcdctl("lease", "list") == ["found 1 leases", id])
        #expect(try etcdctl("lease", "timetolive", id, "--keys")[0].hasSuffix("attached keys([leased])"))
        let kept = try etcdctl.run(["lease", "keep-alive", id], seconds: 4)
        #expect(kept.lines.filter { $0 == "lease \(id) keepalived with TTL(2)" }.count >= 2)
        #expect(try etcdctl("get", "leased") == ["leased", "x"])
        let gone = try etcdctl.run(["lease", "keep-alive", id, "--once"])
        #expect(gone.status == 0)
        for _ in 0..<100 where try !etcdctl("get", "leased").isEmpty { usleep(100_000) }
        #expect(try etcdctl("get", "leased") == [])
        #expect(try etcdctl("lease", "timetolive", id) == ["lease \(id) already expired"])
        #expect(try etcdctl.failure("lease", "revoke", id).contains("requested lease not found"))
    }

    @Test func locksAndElects() throws {
        #expect(try etcdctl("lock", "l", "echo", "held") == ["held"])
        #expect(try etcdctl("get", "l/", "--prefix") == [])
        let elected = try etcdctl.run(["elect", "e", "me"], seconds: 2)
        #expect(elected.lines.dropLast().last == "me")
        #expect(elected.lines.first?.hasPrefix("e/") == true)
    }

    @Test func saysWhatItIs() throws {
        try etcdctl("put", "a", "1")
        let status = try etcdctl("endpoint", "status", "-w", "fields")
        #expect(status.contains("\"Version\" : \"3.5.21\""))
        #expect(status.contains("\"Revision\" : 2"))
        #expect(try etcdctl.run(["endpoint", "health"]).status == 0)
        #expect(try etcdctl("member", "list")[0].contains(", started, default, "))
        #expect(try etcdctl("endpoint", "hashkv").count == 1)
        #expect(try etcdctl("defrag")[0].hasPrefix("Finished defragmenting"))
        #expect(try etcdctl.failure("member", "remove", "1").contains("member not found"))
        #expect(try etcdctl.failure("auth", "enable").contains("no users and roles"))
    }

    @Test func aSnapshotIsRestored() throws {
        for number in 0..<20 { try etcdctl("put", "k\(number % 5)", "\(number)") }
        let snapshot = folder.path + "/snapshot"
        try etcdctl("snapshot", "save", snapshot)
        try etcdctl("put", "later", "x")
        let restored = folder.path + "/restored"
        #expect(
            try Command.run(Program.built("apus"), ["etcd", "restore", snapshot, "--data-dir", restored]).status == 0)
        let other = try EtcdProcess(folder: restored)
        let copy = Etcdctl(endpoint: "127.0.0.1:\(try other.port())")
        #expect(try copy("get", "", "--prefix").count == 10)
        #expect(try copy("get", "k3", "--rev", "10") == ["k3", "8"])
        // Neither a store that is there nor a damaged snapshot.
        let again = try Command.run(Program.built("apus"), ["etcd", "restore", snapshot, "--data-dir", restored])
        #expect(again.errors.contains("holds a store already"))
        var bytes = try Data(contentsOf: URL(filePath: snapshot))
        bytes[5000] ^= 1
        try bytes.write(to: URL(filePath: snapshot))
        let damaged = try Command.run(
            Program.built("apus"), ["etcd", "restore", snapshot, "--data-dir", folder.path + "/third"])
        #expect(damaged.status != 0)
        #expect(damaged.errors.contains("is damaged: its checksum is not that of its content"))
    }

    /// How to move from etcd, and back to it.
    @Test(.needs("etcd")) func mirrorsEtcdAndIsMirrored() throws {
        let etcd = try EtcdCluster(members: 1)
        let theirs = Etcdctl(endpoint: etcd.endpoints)
        for _ in 0..<100 where try !theirs.run(["get", "health"]).isGood { usleep(100_000) }
        for number in 0..<30 { try theirs("put", "from/\(number)", "\(number)") }
        try etcdctl("put", "to/1", "x")
        _ = try theirs.run(["make-mirror", "--prefix", "from/", etcdctl.endpoint], seconds: 3)
        #expect(try etcdctl("get", "from/", "--prefix") == theirs("get", "from/", "--prefix"))
        _ = try etcdctl.run(
            ["make-mirror", "--prefix", "to/", String(etcd.endpoints.dropFirst("http://".count))], seconds: 3)
        #expect(try theirs("get", "to/1") == ["to/1", "x"])
    }

    @Test func aSecondProcessIsRefused() throws {
        let second = try EtcdProcess(folder: server.folder)
        #expect(second.wait() != 0)
        #expect(second.output.contains("another process (process \(server.pid)) uses the store in \(server.folder)"))
    }

    @Test func endsWithSIGTERMAlsoWhileWatched() throws {
        let port = try server.port()
        let watch = ["--endpoints", "127.0.0.1:\(port)", "watch", "a"]
        let watcher = try LoggedProcess(Program.start("etcdctl", watch, environment: ["ETCDCTL_API": "3"]))
        defer { watcher.crash() }
        usleep(500_000)
        #expect(server.terminate() == 0, "\(server.output)")
    }
}
