import Glibc
import NetTypes
import Namespaces
import TestThreads
import Testing

@testable import IPTables

@Suite struct TableTextTests {
    @Test func readsOneTableOfMany() {
        let text = """
            # Generated
            *filter
            :INPUT ACCEPT [0:0]
            -A INPUT -j DROP
            COMMIT
            *nat
            :PREROUTING ACCEPT [12:34]
            :KUBE-SERVICES - [0:0]
            -A PREROUTING -m comment --comment "a b" -j KUBE-SERVICES
            COMMIT
            """
        let table = TableText(saved: Array(text.utf8), table: "nat")
        #expect(
            table.chains == [
                "PREROUTING": ["-m comment --comment \"a b\" -j KUBE-SERVICES"], "KUBE-SERVICES": [],
            ])
        #expect(TableText(saved: Array("*nat\n:".utf8), table: "mangle").chains.isEmpty)
    }

    @Test func aChangeNamesOnlyWhatChanges() {
        var change = TableChange(table: "nat")
        #expect("\(change)" == "")
        change.chains = ["B": ["-j RETURN"], "A": []]
        change.deletedChains = ["OLD"]
        change.insertions = [.init("PREROUTING", "-j A"), .init("PREROUTING", "-j B")]
        #expect(
            "\(change)" == """
                *nat
                :A - [0:0]
                :B - [0:0]
                :OLD - [0:0]
                -I PREROUTING 1 -j B
                -I PREROUTING 1 -j A
                -A B -j RETURN
                -X OLD
                COMMIT

                """)
        #expect(change.count == 6)
    }

    @Test(arguments: [
        "iptables-restore: line 2 failed", "iptables-nft-restore v1.8.9: \nline 2: RULE_APPEND failed (No such file)",
    ])
    func errorsNameTheRefusedLine(output: String) {
        let error = IPTablesError("iptables-nft-restore", output: output, input: "*nat\n-A X -j Y\nCOMMIT\n")
        #expect(error.line == "-A X -j Y")
        #expect(IPTablesError("x", output: "no number", input: "a").line == nil)
    }
}

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct IPTablesProgramTests {
    @Test(arguments: IPTablesVariant.allCases, IPFamily.allCases)
    func whatIsRestoredIsSaved(variant: IPTablesVariant, family: IPFamily) throws {
        try withNetworkNamespace {
            let programs = IPTablesPrograms(family, variant)
            var change = TableChange(table: "nat")
            change.chains = ["KUBE-TEST": ["-p tcp -m tcp --dport 80:90 -j RETURN"]]
            change.insertions = [.init("PREROUTING", "-j KUBE-TEST")]
            try programs.restore([change])
            let saved = try programs.save("nat")
            #expect(saved.chains["KUBE-TEST"] == change.chains["KUBE-TEST"])
            #expect(saved.chains["PREROUTING"] == ["-j KUBE-TEST"])

            var wrong = TableChange(table: "nat")
            wrong.chains = ["KUBE-NEW": ["-j KUBE-NOWHERE"]]
            let refused = #expect(throws: IPTablesError.self) { try programs.restore([wrong]) }
            #expect(refused?.description.contains("KUBE-NOWHERE") == true)
            #expect(try programs.save("nat") == saved)
        }
    }

    @Test(arguments: IPTablesVariant.allCases)
    func theFingerprintShowsWhatOthersDo(variant: IPTablesVariant) throws {
        try withNetworkNamespace {
            let programs = IPTablesPrograms(.ipv4, variant)
            var fingerprint = try TableFingerprint(programs)
            var change = TableChange(table: "nat")
            change.chains = ["KUBE-TEST": ["-j RETURN"]]
            change.insertions = [.init("PREROUTING", "-j KUBE-TEST")]
            try programs.restore([change])
            let before = try fingerprint.read([("nat", "KUBE-TEST")])
            #expect(try fingerprint.read([("nat", "KUBE-TEST")]) == before)
            #expect(system("\(programs.name) -w -t nat -F PREROUTING") == 0)
            #expect(try fingerprint.read([("nat", "KUBE-TEST")]) != before)
        }
    }

    @Test func theHintChoosesTheVariant() throws {
        try withNetworkNamespace {
            #expect(IPTablesPrograms.detect(.ipv4) == .nft)
            #expect(system("test -z \"$(cat /proc/thread-self/net/ip_tables_names)\"") == 0)
            #expect(system("iptables-legacy -w -t mangle -N KUBE-KUBELET-CANARY") == 0)
            #expect(IPTablesPrograms.detect(.ipv4) == .legacy)
            #expect(system("iptables-nft -w -t mangle -N KUBE-IPTABLES-HINT") == 0)
            #expect(IPTablesPrograms.detect(.ipv4) == .nft)
        }
    }
}
