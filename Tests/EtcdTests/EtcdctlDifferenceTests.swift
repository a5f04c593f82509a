import TestPrograms
import TestThreads
import Testing

/// The same lines of etcdctl against Debian's etcd and against ours.
@Suite(.ownThread, .timeLimit(.minutes(30)), .needs("etcd", "etcdctl"))
struct EtcdctlDifferenceTests {
    @Test func puts() throws {
        try BesideEtcd().runsAlike([
            "e put a 1", "e put a 2 -w json", "e put --prev-kv a 3", "e put --prev-kv new 1 -w json", "e put '' x",
            "e put empty ''", "e get empty -w json", "printf 'from\\nstdin' | e put stdin", "e get stdin",
            "e put -- -dash -value", "e get -- -dash", "e put a --ignore-value", "e get a -w json",
            "e put missing --ignore-value", "e put missing x --ignore-lease", "e put a x --ignore-lease -w json",
            "e put a x --lease=7b", "e put a x --lease=nothex", "L=$(e lease grant 500 | cut -d' ' -f2)",
            "e put leased 1 --lease=$L", "e get leased -w json", "e put leased 2 --ignore-lease",
            "e get leased -w json",
            "e put leased --ignore-value", "e get leased -w json", "e put leased 3 --lease=$L --prev-kv -w json",
            "e put a 1 --prev-kv -w fields", "e put a", "e put a 1 2 3",
        ])
    }

    @Test func gets() throws {
        try BesideEtcd().runsAlike([
            "for i in 5 3 1 4 2; do e put k/$i v$((9-i)); done", "e put k/3 again", "e put k/3 thrice", "e put other o",
            "e get k/ --prefix", "e get k/ --prefix -w json", "e get k/2 k/4", "e get k/4 k/2", "e get k/2 k/2",
            "e get k/3 --from-key", "e get '' --prefix --keys-only", "e get '' --from-key --count-only -w json",
            "e get ''", "e get k/ --prefix --limit 2 -w json", "e get k/ --prefix --limit 5 -w json",
            "e get k/ --prefix --limit 9 -w json", "e get k/ --prefix --count-only --limit 1 -w json",
            "e get k/ --prefix --keys-only --limit 3", "e get k/ --prefix --order DESCEND",
            "e get k/ --prefix --order ASCEND --sort-by KEY", "e get k/ --prefix --sort-by VALUE",
            "e get k/ --prefix --sort-by VALUE --order DESCEND --limit 2 -w json",
            "e get k/ --prefix --sort-by CREATE", "e get k/ --prefix --sort-by CREATE --order DESCEND --limit 1",
            "e get k/ --prefix --sort-by MODIFY --order DESCEND", "e get k/3 --prefix --sort-by VERSION",
            "e get k/ --prefix --sort-by NOTHING", "e get k/ --prefix --order SIDEWAYS", "e get k/3 --rev 4 -w json",
            "e get k/3 --rev 1", "e get k/3 --rev 2", "e get k/ --prefix --rev 4 --count-only -w json",
            "e get k/ --prefix --rev 6 --limit 2 -w json", "e get k/3 --rev 100", "e get k/3 --rev=-3",
            "e get k/3 --print-value-only", "e get k/3 --hex", "e get k/3 --consistency s", "e get k/3 --consistency x",
            "e get k/ --prefix --from-key", "e get absent", "e get absent -w json", "e compaction 6",
            "e get k/3 --rev 5", "e get k/3 --rev 6", "e get k/ --prefix --rev 7 -w json", "e compaction 6",
            "e compaction 100", "e compaction", "e compaction 8 --physical", "e get k/3 --rev 7",
        ])
    }

    @Test func deletes() throws {
        try BesideEtcd().runsAlike([
            "for k in a b c d p/1 p/2 p/3; do e put $k v-$k; done", "e del none", "e del none -w json", "e del a",
            "e del a -w json", "e del b --prev-kv", "e del p/ --prefix --prev-kv", "e del ''", "e del d c",
            "e del c --from-key -w json", "e put z 1", "e put zz 2", "e del z --prefix --prev-kv -w json",
            "e del '' --prefix", "e del '' --from-key", "e get '' --prefix --count-only -w json", "e del x y z",
            "e put a again", "e get a -w json",
        ])
    }

    @Test func transactions() throws {
        func txn(_ text: String, _ flags: String = "") -> String { "printf '\(text)' | e txn \(flags)" }
        try BesideEtcd().runsAlike([
            "e put a 1", "e put b 2", txn(#"value("a") = "1"\n\nput a 2\nget a\nput c new\n\nget a\n\n"#),
            txn(#"value("a") = "1"\n\nput a 2\n\nget a\nget b\n\n"#), txn(#"mod("a") > "3"\n\nget a\n\nget b\n\n"#),
            txn(#"create("a") = "2"\nversion("a") = "2"\n\ndel a --prev-kv\n\nget a\n\n"#, "-w json"),
            txn(#"create("nothing") = "0"\n\nput nothing x\n\n\n"#), txn(#"value("gone") = ""\n\nget b\n\nget c\n\n"#),
            txn(#"value("gone") != "x"\n\nget b\n\nget c\n\n"#), txn(#"version("gone") < "1"\n\nget b\n\nget c\n\n"#),
            txn(#"\nput x 1\nput x 2\n\n\n"#),
            txn(#"\nput x 1\ndel x\n\n\n"#), txn(#"\ndel x\nput x 1\n\n\n"#), txn(#"\ndel x\ndel x\n\n\n"#),
            txn(#"\nput p/1 1\ndel p/ --prefix\n\n\n"#), txn(#"\n\n\n"#, "-w json"), txn(#"\nget b\n\n\n"#, "-w json"),
            txn(#"\ndel nothing-there\n\n\n"#, "-w json"), txn(#"\nput b 3 --prev-kv\nget b\n\n\n"#, "-w json"),
            txn(#"\nget b --rev 3\nget a --rev 2\n\n\n"#, "-w json"), txn(#"nonsense\n\n\n\n"#),
            txn(#"\nput ""\n\n\n"#),
            "(echo; for i in $(seq 128); do echo put k$i v; done; echo; echo) | e txn | tail -1",
            "(echo; for i in $(seq 129); do echo put k$i v; done; echo; echo) | e txn",
            "(echo; echo; for i in $(seq 129); do echo put k$i v; done; echo) | e txn",
            "(for i in $(seq 129); do echo 'mod(\"a\") = \"1\"'; done; echo; echo get b; echo; echo) | e txn",
            "e get b -w json", "e get k --prefix --count-only -w json",
        ])
    }

    @Test func watches() throws {
        try BesideEtcd().runsAlike([
            "e put w/a 1", "e put w/a 2", "e put other x", "e put w/b 1", "e del w/a", "e put w/a 3",
            "brief watch w/ --prefix --rev 2", "brief watch w/ --prefix --rev 3 --prev-kv",
            "brief watch w/a --rev 2 -w json",
            "brief watch w/a w/b --rev 1", "brief watch w/a --from-key --rev 5", "brief watch absent --rev 1",
            "brief watch w/a --rev 100", "(sleep 0.4; e put w/a 4 >/dev/null) & brief watch w/a; wait",
            "(sleep 0.4; e put w/a 5 >/dev/null; e del w/a >/dev/null) & brief watch w/ --prefix --prev-kv; wait",
            "(sleep 0.4; e put w/c 6 >/dev/null) & brief watch w/c -- env | grep '^ETCD_WATCH' | sort; wait",
            "brief watch w/b w/a --rev 1", "brief watch '' --prefix --rev 9", "e compaction 7",
            "brief watch w/ --prefix --rev 6",
            "brief watch w/ --prefix --rev 7", "brief watch w/ --prefix --rev 7 --prev-kv",
        ])
    }

    @Test func leases() throws {
        try BesideEtcd().runsAlike([
            "e lease list", "e lease grant", "e lease grant x", "L=$(e lease grant 600 | cut -d' ' -f2)",
            "e lease grant 900", "e lease list", "e put a 1 --lease=$L",
            "e lease timetolive $L --keys", "e put b 2 --lease=$L", "e lease keep-alive --once $L",
            "e lease revoke $L", "e get a", "e get b", "e lease revoke $L", "e lease timetolive $L",
            "e lease timetolive $L -w json",
            "e lease keep-alive --once $L", "e lease revoke zzz", "e lease grant 9000000001",
            "e lease grant 9000000000",
            "S=$(e lease grant 2 | cut -d' ' -f2)", "e put short 1 --lease=$S",
            "timeout 3 etcdctl version >/dev/null; brief lease keep-alive $S", "e get short --print-value-only",
            "for i in $(seq 60); do test -z \"$(e get short)\" && break; sleep 0.2; done", "e get short",
            "e lease timetolive $S --keys",
        ])
    }

    @Test func locksAndElections() throws {
        try BesideEtcd().runsAlike([
            "e lock l echo held", "e get l --prefix", "e lock l sh -- -c 'exit 7'", "e lock l false", "e lock",
            "e lock --ttl 5 l echo held", "brief lock l", "e lock l echo again",
            "(e lock two -- sh -c 'sleep 0.8; echo first') & sleep 0.4; e lock two echo second; wait",
            "brief elect e me", "brief elect -l e",
            "(brief elect e one >/dev/null) & sleep 0.5; brief elect -l e; wait",
            "(brief elect f one >/dev/null) & sleep 0.5; timeout 3 etcdctl --endpoints $ENDPOINT elect f two; wait",
            "e elect", "e elect e",
        ])
    }

    @Test func looksAfterItself() throws {
        try BesideEtcd().runsAlike([
            "e put a 1", "e endpoint health", "e alarm list", "e alarm disarm", "e defrag", "e snapshot save file",
            "e snapshot save file", "e member remove 1", "e member update 1 --peer-urls http://x:1",
            "e get a -w fields | grep -v '_id\\|RaftTerm\\|ID'", "e nonsense", "e --dial-timeout x get a",
            "e get a -w nonsense",
        ])
    }
}
