import IPSet
import IPTables
import NetTypes
import ProxyCore

extension IPTablesBackend {
    /// Reads what the nat table and the sets hold for a service port. Costs as much as the table is large.
    public mutating func audit(_ port: ServicePort, source: IPAddress?, node: NodeFacts) throws -> KernelAccount {
        let program = PortProgram(port, node)
        let observed = try programs.save("nat")
        var missing: [String] = []
        for set in SetName.allCases {
            let wanted = program.elements.filter { $0.set == set }
            if wanted.isEmpty { continue }
            let name = set.name(family)
            let entries = Set(try sets.contents(of: name)?.entries.map(\.key) ?? [])
            missing += wanted.filter { !entries.contains($0.key) }.map { "add \(name) \($0.key)" }
        }
        var unexpected: [String] = []
        var differing: [String] = []
        for (name, rules) in program.chains {
            guard let found = observed.chains[name] else {
                differing.append("chain \(name)")
                continue
            }
            missing += rules.filter { !found.contains($0) }.map { "-A \(name) \($0)" }
            unexpected += found.filter { !rules.contains($0) }.map { "-A \(name) \($0)" }
            if found.count == rules.count, found != rules, Set(found) == Set(rules) {
                differing.append("chain \(name)")
            }
        }
        let entered = Set(observed.chains.values.joined().compactMap(Self.target))
        missing += Set(program.targets.values.map(\.chain)).subtracting(entered).map { "a rule that leads to \($0)" }
        return KernelAccount(
            place: "table nat of \(programs.name)", missing: missing.sorted(), unexpected: unexpected.sorted(),
            differing: differing.sorted(), affinity: remembered(port, program, source))
    }

    private static func target(_ rule: String) -> String? {
        guard let space = rule.lastIndex(of: " ") else { return nil }
        return String(rule[rule.index(after: space)...])
    }

    private func remembered(_ port: ServicePort, _ program: PortProgram, _ source: IPAddress?) -> [String] {
        guard port.affinityTimeout != nil else { return [] }
        let sets = [port.internalEndpoints, port.clusterEndpoints, port.localEndpoints]
        let clients = Set(sets.flatMap(\.endpoints)).flatMap { endpoint in
            RecentClients.read(EndpointPick(port: port, set: .empty).chainName(endpoint))
                .filter { source == nil || $0 == source }.map { "\($0) → \(endpoint)" }
        }
        return Array(clients.sorted().prefix(10))
    }
}
