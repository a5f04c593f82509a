import NetTypes
import ProxyCore

/// The rules that take a new connection to one of some endpoints. Without affinity they translate at once: a chain
/// for each endpoint, as kube-proxy has it, multiplies the time that iptables-nft needs by thirty. Only the first of
/// them bears a comment, as nearly half of what a rule of iptables-legacy costs is its comment.
struct EndpointPick {
    let port: ServicePort
    let set: EndpointSet
    /// A rule before these bears the service port's name.
    var isNamed = false

    private var comment: String { RuleText.comment("\(port.name)") }
    private var hasAffinity: Bool { port.affinityTimeout != nil }
    private var family: IPFamily { port.name.family }

    func chainName(_ endpoint: AddressPort) -> String { "KUBE-SEP-\(ChainName.hash(port.name, "\(endpoint)"))" }

    var rules: [String] {
        (rememberedRules + choiceRules).enumerated().map { index, rule in
            rule.text(index == 0 && !isNamed ? [comment] : [])
        }
    }

    /// What stands before a comment, and what after it.
    private struct Rule {
        var proto: [String] = []
        let words: [String]

        func text(_ comment: [String]) -> String { (proto + comment + words).joined(separator: " ") }
    }

    /// A chain for each endpoint, which remembers the client: with affinity only.
    var endpointChains: [String: [String]] {
        guard hasAffinity else { return [:] }
        return Dictionary(
            set.endpoints.map { endpoint in
                let name = chainName(endpoint)
                let rule = "-p \(port.name.proto) \(comment) -m recent --set \(recent(name)) \(translation(endpoint))"
                return (name, [rule])
            }
        ) { $1 }
    }

    private var rememberedRules: [Rule] {
        guard let timeout = port.affinityTimeout else { return [] }
        return set.endpoints.map { endpoint in
            let name = chainName(endpoint)
            return Rule(words: ["-m recent --rcheck --seconds \(timeout) --reap \(recent(name)) -j \(name)"])
        }
    }

    private func recent(_ name: String) -> String {
        let mask = CIDR(host: .unspecified(family)).mask
        return "--name \(name) --mask \(mask) --rsource"
    }

    private func translation(_ endpoint: AddressPort) -> String { "-j DNAT --to-destination \(endpoint)" }

    private func rule(_ endpoint: AddressPort, _ match: String?) -> Rule {
        let words = match.map { [$0] } ?? []
        if hasAffinity { return Rule(words: words + ["-j \(chainName(endpoint))"]) }
        return Rule(proto: ["-p \(port.name.proto)"], words: words + [translation(endpoint)])
    }

    // MARK: Choice

    private var choiceRules: [Rule] {
        switch port.balance {
        case .random, .leastConnections: randomRules
        case .roundRobin: turnRules
        case .sourceHash: hashRules
        case .maglev: maglevRules
        }
    }

    private var weights: [Int] {
        self.set.weights.isEmpty ? Array(repeating: 1, count: set.count) : set.weights.map(Int.init)
    }

    /// Each rule takes its share of what the rules before it left.
    private var randomRules: [Rule] {
        var left = weights.reduce(0, +)
        return zip(set.endpoints, weights).enumerated().map { index, item in
            defer { left -= item.1 }
            let match =
                index == set.count - 1
                ? nil : "-m statistic --mode random --probability \(RuleText.probability(item.1, of: left))"
            return rule(item.0, match)
        }
    }

    /// Rule i takes every (n-i)-th connection that reaches it: the first one, and so they follow one another.
    private var turnRules: [Rule] {
        let turns = sequence
        return turns.enumerated().map { index, endpoint in
            let left = turns.count - index
            return rule(endpoint, left == 1 ? nil : "-m statistic --mode nth --every \(left) --packet 0")
        }
    }

    /// More turns than this are scaled down.
    private static let mostTurns = 128

    /// Every endpoint as often as it weighs, spread evenly.
    private var sequence: [AddressPort] {
        let total = weights.reduce(0, +)
        let shares =
            set.weights.isEmpty || total <= Self.mostTurns
            ? weights : weights.map { max(1, $0 * Self.mostTurns / total) }
        let turns = zip(set.endpoints, shares).flatMap { endpoint, share in
            (0..<share).map { (position: (2 * $0 + 1) * 1_000_000 / (2 * share), endpoint) }
        }
        return turns.sorted { $0.position != $1.position ? $0.position < $1.position : $0.1 < $1.1 }.map(\.1)
    }

    private var hashRules: [Rule] {
        let code = HashBytecode(family: family, hashesPort: false, modulus: max(1, weights.reduce(0, +)))
        var bound = 0
        return zip(set.endpoints, weights).enumerated().map { index, item in
            bound += item.1
            return rule(item.0, index == set.count - 1 ? nil : code.matches(below: bound))
        }
    }

    private var maglevRules: [Rule] {
        let code = HashBytecode(family: family, hashesPort: true, modulus: HashSlots.size(for: set.count))
        return zip(set.endpoints, HashSlots.slots(for: set)).enumerated().flatMap { index, item -> [Rule] in
            if index == set.count - 1 { return [rule(item.0, nil)] }
            return stride(from: 0, to: item.1.count, by: HashBytecode.mostSlots).map { start in
                rule(item.0, code.matches(item.1[start..<min(start + HashBytecode.mostSlots, item.1.count)]))
            }
        }
    }
}
