import NetTypes
import ProxyCore
import Testing

@testable import ProxyIPTables

@Suite struct DispatchTreeTests {
    /// Follows the tree as the kernel would; the rules passed, and the chain arrived at.
    private static func walk(
        _ chains: [String: [String]], _ key: DispatchKey, from chain: String
    ) -> (target: String?, rules: Int) {
        var rules = 0
        for rule in chains[chain] ?? [] {
            rules += 1
            let words = rule.split(separator: " ").map(String.init)
            guard matches(words, key), let target = words.last else { continue }
            if words[words.count - 2] == "-j" { return (target, rules) }
            let rest = walk(chains, key, from: target)
            return (rest.target, rules + rest.rules)
        }
        return (nil, rules)
    }

    private static func matches(_ words: [String], _ key: DispatchKey) -> Bool {
        for (name, value) in zip(words, words.dropFirst()) {
            switch name {
            case "-d": if let ip = key.ip, CIDR(value)?.contains(ip) != true { return false }
            case "-p": if value != "\(key.proto)" { return false }
            case "--dport":
                let ends = value.split(separator: ":").compactMap { UInt16($0) }
                if !(ends[0]...(ends.last ?? ends[0])).contains(key.port) { return false }
            default: break
            }
        }
        return true
    }

    private static func keys(_ family: IPFamily?, _ count: Int) -> [DispatchKey] {
        var generator = Seeded(state: 7)
        return (0..<count).map { _ in
            let word = generator.next()
            let proto = TransportProtocol.allCases[Int(word % 3)]
            let port = UInt16(truncatingIfNeeded: word >> 8)
            switch family {
            case .ipv4: return DispatchKey(IPAddress(v4: 0x0a60_0000 | UInt32(word >> 32 & 0xffff)), proto, port)
            case .ipv6: return DispatchKey(IPAddress(high: 0xfd00 << 48, low: word >> 44), proto, port)
            case nil: return DispatchKey(nil, proto, 30000 + port % 2768)
            }
        }
    }

    @Test(arguments: [IPFamily.ipv4, .ipv6, nil], [1, 8, 9, 300, 5000])
    func everyFrontendIsFoundAfterFewRules(family: IPFamily?, count: Int) {
        var targets: [DispatchKey: DispatchTarget] = [:]
        for key in Self.keys(family, count) {
            targets[key] = DispatchTarget(chain: "T-\(key.hashValue)", comment: "a/b")
        }
        let tree = DispatchTree(targets, root: "ROOT", prefix: "ROOT-")
        for (key, target) in targets {
            let found = Self.walk(tree.chains, key, from: "ROOT")
            #expect(found.target == target.chain)
            #expect(found.rules <= 8 * 16, "\(key)")
        }
        let stranger = DispatchKey(family == .ipv6 ? IPAddress(high: 1, low: 1) : IPAddress(1, 2, 3, 4), .tcp, 1)
        if family != nil { #expect(Self.walk(tree.chains, stranger, from: "ROOT").target == nil) }
        #expect(tree.chains.keys.allSatisfy { $0.utf8.count <= 28 })
    }

    /// One address with a port for everything.
    @Test func manyPortsOfOneAddressAreATreeToo() {
        let ip = IPAddress(10, 96, 0, 1)
        let keys = (1...4000).map { DispatchKey(ip, .tcp, UInt16($0)) }
        let targets = Dictionary(
            uniqueKeysWithValues: keys.map { ($0, DispatchTarget(chain: "T-\($0.port)", comment: "a/b")) })
        let tree = DispatchTree(targets, root: "ROOT", prefix: "ROOT-")
        for key in keys {
            let found = Self.walk(tree.chains, key, from: "ROOT")
            #expect(found.target == "T-\(key.port)")
            #expect(found.rules <= 64)
        }
    }
}

/// xorshift64*.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_f491_4f6c_dd1d
    }
}
