import NetTypes
import Nftables
import ProxyCore

extension NftablesBackend {
    /// Reads what the table holds for a service port. Costs as much as the table's maps are large.
    public mutating func audit(_ port: ServicePort, source: IPAddress?, node: NodeFacts) throws -> KernelAccount {
        let program = ServiceProgram(port)
        let observed = try session.readTable(table)
        var missing: [String] = []
        var unexpected: [String] = []
        for set in Layout.SetName.allCases {
            let wanted =
                program.elements.filter { $0.set == set }.map(\.element)
                + program.sharedElements.filter { $0.set == set }.map(\.element)
            let frontends = Set(program.elements.filter { $0.set == set }.map { $0.element.key })
            guard !wanted.isEmpty || !frontends.isEmpty else { continue }
            var left = Dictionary(wanted.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
            var wrong: [SetElement] = []
            if observed?.sets[set.rawValue] != nil {
                try session.forEachElement(
                    of: set.rawValue, in: table,
                    restart: {
                        left = Dictionary(wanted.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
                        wrong = []
                    },
                    { element in
                        guard let want = left.removeValue(forKey: element.key) else { return }
                        if want != element { wrong.append(element) }
                    })
            }
            missing += left.values.map { text($0, set, "add") }
            unexpected += wrong.map { text($0, set, "add") }
        }
        let chains = program.chains.map { $0.chain(node, family) }
        let differing = chains.filter { chain in
            observed?.chains[chain.name]?.rules != chain.rules.map { $0.fingerprint(table) }
        }
        return KernelAccount(
            place: "table \(table)", missing: missing.sorted(), unexpected: unexpected.sorted(),
            differing: differing.map { "chain \($0.name)" },
            affinity: try program.maps.filter { observed?.sets[$0.name] != nil }.flatMap {
                try remembered($0.name, source)
            })
    }

    private func text(_ element: SetElement, _ set: Layout.SetName, _ verb: String) -> String {
        let transaction = Transaction(table, [.addElements(set: set.rawValue, [element])])
        return transaction.description(knowing: Layout.sets).split(separator: "\n").joined()
    }

    private mutating func remembered(_ map: String, _ source: IPAddress?) throws -> [String] {
        var clients: [String] = []
        try session.forEachElement(of: map, in: table, restart: { clients = [] }) { element in
            guard case .bytes(let endpoint) = element.data, let client = element.key.address(family),
                let address = endpoint.address(family), source == nil || source == client
            else { return }
            let port = endpoint.withBytes { bytes in
                UInt16(bytes[family.bytes]) << 8 | UInt16(bytes[family.bytes + 1])
            }
            clients.append("\(client) → \(AddressPort(address, port))")
        }
        return Array(clients.sorted().prefix(10))
    }
}

extension RegisterBytes {
    /// The address that the bytes begin with.
    func address(_ family: IPFamily) -> IPAddress? {
        withBytes { $0.count >= family.bytes ? IPAddress(networkBytes: Array($0[..<family.bytes])) : nil }
    }
}
