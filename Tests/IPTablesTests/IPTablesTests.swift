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
        let tables = TableText.tables(Array(text.utf8))
        #expect(Set(tables.keys) == ["nat", "filter"])
        #expect(
            tables["nat"]?.chains == [
                "PREROUTING": ["-m comment --comment \"a b\" -j KUBE-SERVICES"], "KUBE-SERVICES": [],
            ])
        #expect(TableText.tables(Array("*nat\n:".utf8)) == [:])
    }

    @Test func whatARuleLeadsToComesFirst() {
        var change = TableChange(table: "nat")
        change.chains = [
            "A": ["-p tcp -g C", "-j B"], "B": ["-j DNAT --to-destination A", "-j D"], "C": ["-j B"],
            "D": ["-j RETURN"],
        ]
        #expect(change.chainsInOrder == ["D", "B", "C", "A"])
    }

    @Test func aLargeChangeGoesInParts() {
        var change = TableChange(table: "nat")
        change.chains = ["A": ["-j B"], "B": ["-j C"], "C": []]
        change.insertions = [.init("PREROUTING", "-j A")]
        change.deletions = [.init("OUTPUT", "-j X")]
        change.deletedChains = ["X", "Y", "Z"]
        #expect(change.parts(of: 6) == [change])
        let parts = change.parts(of: 2)
        #expect(
            parts.map(\.chains) == [
                [:], ["C": [], "B": ["-j C"]], ["A": ["-j B"]], [:], ["X": [], "Y": []], ["Z": []], [:], [:],
            ])
        #expect(parts.map(\.deletions.count) == [1, 0, 0, 0, 0, 0, 0, 0])
        #expect(parts.map(\.insertions.count) == [0, 0, 0, 1, 0, 0, 0, 0])
        #expect(parts.map { $0.deletedChains.sorted() } == [[], [], [], [], [], [], ["X", "Y"], ["Z"]])
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

    @Test func theFingerprintShowsWhatOthersDoToTablesOfLegacy() throws {
        try withNetworkNamespace {
            let programs = IPTablesPrograms(.ipv4, .legacy)
            let fingerprint = try TableFingerprint(programs)
            try programs.restore([Self.change()])
            let before = try fingerprint.sizes(["nat", "mangle"])
            #expect(try fingerprint.sizes(["nat", "mangle"]) == before)
            #expect(system("\(programs.name) -w -t nat -F PREROUTING") == 0)
            #expect(try fingerprint.sizes(["nat", "mangle"]) != before)
        }
    }

    @Test(arguments: IPFamily.allCases)
    func theFingerprintFindsChains(family: IPFamily) throws {
        try withNetworkNamespace {
            let programs = IPTablesPrograms(family, .nft)
            var fingerprint = try TableFingerprint(programs)
            #expect(try !fingerprint.hasChain("KUBE-TEST", in: "nat"))
            try programs.restore([Self.change()])
            #expect(try fingerprint.hasChain("KUBE-TEST", in: "nat"))
            #expect(try !fingerprint.hasChain("KUBE-TEST", in: "filter"))
            #expect(try programs.rules(of: "KUBE-TEST", in: "nat") == ["-j RETURN"])
        }
    }

    /// More chains than go into one input, each of which leads to another.
    @Test(arguments: IPTablesVariant.allCases)
    func manyChainsAreMadeAndDeleted(variant: IPTablesVariant) throws {
        try withNetworkNamespace {
            let programs = IPTablesPrograms(.ipv4, variant)
            var change = Self.change()
            let names = (0..<1200).map { "KUBE-\($0)" }
            for (index, name) in names.enumerated() { change.chains[name] = ["-j KUBE-\(index % 600 + 600)"] }
            for name in names.dropFirst(600) { change.chains[name] = ["-j RETURN"] }
            try programs.restore([change])
            let saved = try #require(try programs.save()["nat"])
            #expect(saved.chains.filter { $0.key.hasPrefix("KUBE") } == change.chains)
            var removal = TableChange(table: "nat")
            removal.deletedChains = Set(names)
            try programs.restore([removal])
            #expect(try programs.save("nat").chains.filter { $0.key.hasPrefix("KUBE") } == ["KUBE-TEST": ["-j RETURN"]])
        }
    }

    private static func change() -> TableChange {
        var change = TableChange(table: "nat")
        change.chains = ["KUBE-TEST": ["-j RETURN"]]
        change.insertions = [.init("PREROUTING", "-j KUBE-TEST")]
        return change
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
