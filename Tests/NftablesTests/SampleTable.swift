import NetTypes

@testable import Nftables

/// A table with every kind of object, statement and selector.
struct SampleTable {
    let id: TableID
    var family: IPFamily { id.family }

    init(_ family: IPFamily) { id = TableID(family, "sample") }

    func address(_ number: UInt32) -> IPAddress {
        family == .ipv4 ? IPAddress(v4: 0x0a00_0000 + number) : IPAddress(high: 0xfd00 << 48, low: UInt64(number))
    }

    func prefix(_ length: UInt8) -> CIDR? { CIDR(address(0x0012_3400), prefixLength: length) }

    static let service: [Selector] = [.destinationAddress, .l4proto, .destinationPort]
    static let endpoint = SetSpec.Data.selectors([.destinationAddress, .tcpDestinationPort])

    let sets: [SetSpec] = [
        SetSpec("services", key: service, data: .verdict, comment: "ClusterIP traffic"),
        SetSpec("endpoints", key: service + [.random(modulus: 2)], data: endpoint),
        SetSpec("affinity", key: [.sourceAddress], data: endpoint, isDynamic: true),
        SetSpec("firewall", key: service, data: .verdict),
        SetSpec("pairs", key: [.sourceAddress, .destinationAddress], comment: "a pod and itself"),
        SetSpec("local", key: [.destinationAddress]),
        SetSpec("ports", key: [.destinationPort]),
        SetSpec("protocols", key: [.l4proto]),
        SetSpec("marks", key: [.mark], data: .verdict),
        SetSpec("sources", key: [.sourceAddress], isInterval: true),
        SetSpec("port-ranges", key: [.destinationPort], data: .verdict, isInterval: true),
    ]

    func service(_ number: UInt32, slot: UInt32? = nil) -> RegisterBytes {
        var key = RegisterBytes()
        key.append(address(number))
        key.append(.udp)
        key.append(port: 53)
        if let slot { key.append(hostOrder: slot) }
        return key
    }

    func endpoint(_ number: UInt32) -> SetElement.Data {
        var data = RegisterBytes()
        data.append(address(number))
        data.append(port: 8080)
        return .bytes(data)
    }

    static func key(port: UInt16) -> RegisterBytes {
        var key = RegisterBytes()
        key.append(port: port)
        return key
    }

    func key(_ numbers: UInt32...) -> RegisterBytes {
        numbers.reduce(into: RegisterBytes()) { $0.append(address($1)) }
    }

    var elements: [(set: String, elements: [SetElement])] {
        var proto = RegisterBytes()
        proto.append(.sctp)
        var mark = RegisterBytes()
        mark.append(hostOrder: 0x4000)
        return [
            ("services", [SetElement(key: service(1), data: .verdict(.goto("balance")), comment: "ns/name:dns")]),
            ("endpoints", (0..<3).map { SetElement(key: service(1, slot: $0), data: endpoint(100 + $0)) }),
            ("firewall", [SetElement(key: service(1), data: .verdict(.jump("matches")))]),
            ("pairs", [SetElement(key: key(7, 7), comment: "itself")]),
            ("local", [SetElement(key: key(9)), SetElement(key: key(10))]),
            ("ports", [SetElement(key: Self.key(port: 80)), SetElement(key: Self.key(port: 443))]),
            ("protocols", [SetElement(key: proto)]),
            ("marks", [SetElement(key: mark, data: .verdict(.drop))]),
            (
                "sources",
                [
                    SetElement(key: key(0x100), intervalEnd: key(0x200)),
                    SetElement(key: key(0x205), intervalEnd: key(0x206)),
                    SetElement(key: key(0x300), intervalEnd: key(0x3fe)),
                ]
            ),
            (
                "port-ranges",
                [
                    SetElement(
                        key: Self.key(port: 8000), intervalEnd: Self.key(port: 8010), data: .verdict(.accept)),
                    SetElement(key: Self.key(port: 60000), data: .verdict(.goto("balance")), comment: "to the end"),
                ]
            ),
        ]
    }

    var chains: [Chain] {
        let slot: (UInt32) -> [Selector] = { Self.service + [.random(modulus: $0)] }
        var matches: [Rule] = [8, 13, 24, 32].compactMap { length in
            prefix(length).map { Rule(.matchAddress(.sourceAddress, $0, isNot: length == 13), .verdict(.accept)) }
        }
        matches += prefix(24).map { [Rule(.matchAddress(.destinationAddress, $0, isNot: true), .counter)] } ?? []
        return [
            Chain("reject-it", rules: [Rule(.reject)]),
            Chain("mark-it", rules: [Rule(.setMarkBits(0x4000), comment: "for masquerade")]),
            Chain(
                "balance",
                rules: [
                    Rule(.verdict(.jump("mark-it"))),
                    Rule(.dnat(slot(4), map: "endpoints")),
                    Rule(.dnat(Self.service + [.random(modulus: 2, offset: 1)], map: "endpoints")),
                    Rule(.dnat(Self.service + [.increment(modulus: 3)], map: "endpoints")),
                    Rule(.dnat(Self.service + [.hash([.sourceAddress], modulus: 16, seed: 7)], map: "endpoints")),
                ]),
            Chain("matches", rules: matches),
            Chain(
                "odds",
                rules: [
                    Rule(.matchProtocol(.tcp), .verdict(.return)),
                    Rule(.matchInputInterface("lo"), .verdict(.accept)),
                    Rule(.matchInputInterface("veth", isPrefix: true, isNot: true), .verdict(.drop)),
                    Rule(.matchMark(mask: 0x4000, isSet: true), .flipMarkBits(0x4000)),
                    Rule(.matchMark(mask: 0x8000, isSet: false), .counter),
                    Rule(.connectionIsNew, .connectionHasDNAT, .verdict(.accept)),
                    Rule(.sourceIsLocal, .destinationIsLocal, .verdict(.accept)),
                    Rule(.inSet([.sourceAddress, .destinationAddress], set: "pairs"), .counter),
                    Rule(.inSet([.destinationAddress], set: "local", isNot: true), .verdict(.return)),
                    Rule(.inSet([.sourceAddress], set: "sources"), .verdict(.return)),
                    Rule(.inSet([.destinationPort], set: "ports"), .verdict(.return)),
                ]),
            Chain(
                "nat-prerouting", hook: .init(.nat, .prerouting, priority: -100),
                rules: [Rule(.verdictMap(Self.service, map: "services"))]),
            Chain(
                "nat-postrouting", hook: .init(.nat, .postrouting, priority: 100),
                rules: [Rule(.matchMark(mask: 0x4000, isSet: true), .masquerade)]),
            Chain(
                "filter-forward", hook: .init(.filter, .forward, priority: -110),
                rules: [
                    Rule(
                        .matchProtocol(.udp),
                        .verdictMap(
                            [.originalDestinationAddress, .l4proto, .originalDestinationPort], map: "firewall"))
                ]),
        ]
    }

    /// nft 1.0.6 cannot load this one in IPv6.
    var remember: Rule {
        Rule(
            .remember(
                map: "affinity", key: [.sourceAddress], data: [.destinationAddress, .destinationPort],
                timeoutSeconds: 10800))
    }

    var transaction: Transaction {
        var all = chains
        if family == .ipv4 { all.append(Chain("record", rules: [remember])) }
        var operations: [Nftables.Operation] = [.addTable(comment: "a sample")]
        // nft 1.0.6 adds elements of interval maps together with the map: their chains must be there before.
        operations += all.map { .addChain($0) } + sets.map { .addSet($0) }
        operations += all.map { .addRules(chain: $0.name, $0.rules) }
        operations += elements.map { .addElements(set: $0.set, $0.elements) }
        return Transaction(id, operations)
    }
}
