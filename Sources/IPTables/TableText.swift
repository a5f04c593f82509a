/// Chains and their rules as iptables-save prints them: each rule without `-A CHAIN`.
public struct TableText: Sendable, Equatable {
    public var chains: [String: [String]] = [:]

    public init(_ chains: [String: [String]] = [:]) { self.chains = chains }

    /// Reads iptables-save's output, by the names of tables; counters and comments are passed over.
    static func tables(_ text: [UInt8]) -> [String: TableText] {
        var tables: [String: TableText] = [:]
        var name = ""
        var table = TableText()
        for line in text.split(separator: UInt8(ascii: "\n")) {
            if line.first == UInt8(ascii: "*") {
                name = String(decoding: line.dropFirst(), as: UTF8.self)
            } else if line.elementsEqual("COMMIT".utf8) {
                tables[name] = table
                table = TableText()
            } else {
                table.add(line)
            }
        }
        return tables
    }

    /// Reads the rules that `iptables -S` prints.
    init(listing text: [UInt8]) {
        for line in text.split(separator: UInt8(ascii: "\n")) { add(line) }
    }

    private mutating func add(_ line: ArraySlice<UInt8>) {
        if line.first == UInt8(ascii: ":") {
            let name = line.dropFirst().prefix { $0 != UInt8(ascii: " ") }
            chains[String(decoding: name, as: UTF8.self), default: []] += []
        } else if line.starts(with: "-A ".utf8) {
            let rest = line.dropFirst(3)
            let name = rest.prefix { $0 != UInt8(ascii: " ") }
            let rule = rest.dropFirst(name.count + 1)
            chains[String(decoding: name, as: UTF8.self), default: []].append(String(decoding: rule, as: UTF8.self))
        }
    }
}

/// What iptables-restore is to do with one table, in one transaction; nothing that it does not name is touched.
public struct TableChange: Sendable, Equatable {
    /// A rule of a built-in chain, as `TableText` has it.
    public struct BaseRule: Sendable, Hashable {
        public let chain: String
        public let rule: String

        public init(_ chain: String, _ rule: String) {
            self.chain = chain
            self.rule = rule
        }
    }

    public let table: String
    /// Made if need be; their rules are replaced by these.
    public var chains: [String: [String]] = [:]
    public var deletedChains: Set<String> = []
    /// Put before all other rules of their chains, in this order.
    public var insertions: [BaseRule] = []
    public var deletions: [BaseRule] = []

    public init(table: String) { self.table = table }

    public var isEmpty: Bool {
        chains.isEmpty && deletedChains.isEmpty && insertions.isEmpty && deletions.isEmpty
    }

    /// Chains and rules written or deleted.
    public var count: Int {
        chains.values.reduce(chains.count) { $0 + $1.count } + deletedChains.count + insertions.count + deletions.count
    }
}

extension TableChange: CustomStringConvertible {
    /// Input for `iptables-restore --noflush`; empty for no change.
    public var description: String {
        if isEmpty { return "" }
        var text = "*\(table)\n"
        let names = chainsInOrder
        let gone = deletedChains.sorted()
        for name in names + gone { text += ":\(name) - [0:0]\n" }
        for item in deletions { text += "-D \(item.chain) \(item.rule)\n" }
        for item in insertions.reversed() { text += "-I \(item.chain) 1 \(item.rule)\n" }
        for name in names {
            for rule in chains[name] ?? [] { text += "-A \(name) \(rule)\n" }
        }
        for name in gone { text += "-X \(name)\n" }
        return text + "COMMIT\n"
    }
}
