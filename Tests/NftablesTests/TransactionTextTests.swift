import NetTypes
import Testing

@testable import Nftables

/// Operations and the nft lines they print as.
@Suite struct TransactionTextTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let operation: Nftables.Operation
        let lines: [String]

        var testDescription: String { lines.first ?? "nothing" }

        init(_ operation: Nftables.Operation, _ lines: String...) {
            self.operation = operation
            self.lines = lines
        }
    }

    static let sample = SampleTable(.ipv4)

    static let cases: [Case] = [
        Case(.addTable(comment: "the \"one\""), "add table ip sample { comment \"the 'one'\"; }"),
        Case(.deleteTable, "delete table ip sample"),
        Case(
            .addSet(SetSpec("s", key: [.sourceAddress], isInterval: true, comment: "c")),
            "add set ip sample s { typeof ip saddr; flags interval; comment \"c\"; }"),
        Case(
            .addSet(SetSpec("m", key: [.l4proto, .destinationPort], data: .verdict)),
            "add map ip sample m { typeof meta l4proto . th dport : verdict; }"),
        Case(
            .addSet(SetSpec("a", key: [.sourceAddress], data: SampleTable.endpoint, isDynamic: true)),
            "add map ip sample a { typeof ip saddr : ip daddr . tcp dport; flags dynamic,timeout; }"),
        Case(.deleteSet("services"), "delete map ip sample services"),
        Case(.deleteSet("pairs"), "delete set ip sample pairs"),
        Case(
            .addChain(Chain("c", hook: .init(.nat, .output, priority: -100))),
            "add chain ip sample c { type nat hook output priority -100; policy accept; }"),
        Case(.addChain(Chain("c")), "add chain ip sample c"),
        Case(.flushChain("c"), "flush chain ip sample c"),
        Case(.deleteChain("c"), "delete chain ip sample c"),
        Case(
            .addRules(chain: "c", [Rule(.masquerade, comment: "c"), Rule(.reject)]),
            "add rule ip sample c masquerade fully-random comment \"c\"", "add rule ip sample c reject"),
        Case(
            .addElements(set: "services", sample.elements[0].elements),
            "add element ip sample services { 10.0.0.1 . udp . 53 comment \"ns/name:dns\" : goto balance }"),
        Case(
            .addElements(set: "endpoints", Array(sample.elements[1].elements.prefix(2))),
            "add element ip sample endpoints { 10.0.0.1 . udp . 53 . 0 : 10.0.0.100 . 8080,",
            "    10.0.0.1 . udp . 53 . 1 : 10.0.0.101 . 8080 }"),
        Case(
            .addElements(set: "port-ranges", sample.elements[9].elements),
            "add element ip sample port-ranges { 8000-8009 : accept,",
            "    60000-65535 comment \"to the end\" : goto balance }"),
        Case(
            .deleteElements(set: "sources", sample.elements[8].elements),
            "delete element ip sample sources { 10.0.1.0-10.0.1.255,", "    10.0.2.5,", "    10.0.3.0-10.0.3.253 }"),
        Case(.addElements(set: "ports", [])),
    ]

    @Test(arguments: cases)
    func printsAs(_ item: Case) {
        let text = Transaction(Self.sample.id, [item.operation]).description(knowing: Self.sample.sets)
        #expect(text.split(separator: "\n").map(String.init) == item.lines)
    }

    @Test func whatNftCannotLoadIsAComment() {
        let sample = SampleTable(.ipv6)
        let text = Transaction(sample.id, [.addRules(chain: "c", [sample.remember])]).description
        #expect(
            text == """
                # sent to the kernel, but nft 1.0 cannot load it: add rule ip6 sample c update @affinity \
                { ip6 saddr timeout 10800s : ip6 daddr . th dport }

                """)
    }
}
