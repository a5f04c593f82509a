extension TableChange {
    /// The same in parts of at most so many chains. No part leads to what a later one makes, and nothing is deleted
    /// before the last rule that leads to it: after each part packets meet old or new chains, never half of one.
    func parts(of size: Int) -> [TableChange] {
        let order = chainsInOrder
        guard order.count + deletedChains.count > size else { return [self] }
        var parts: [TableChange] = []
        func add(_ fill: (inout TableChange) -> Void) {
            var part = TableChange(table: table)
            fill(&part)
            if !part.isEmpty { parts.append(part) }
        }
        add { $0.deletions = deletions }
        for names in order.chunks(of: size) {
            add { part in for name in names { part.chains[name] = chains[name] } }
        }
        add { $0.insertions = insertions }
        // Chains that are to go may lead to one another.
        let gone = deletedChains.sorted()
        for names in gone.chunks(of: size) {
            add { part in for name in names { part.chains[name] = [] } }
        }
        for names in gone.chunks(of: size) { add { $0.deletedChains = Set(names) } }
        return parts
    }

    /// The chains, what a rule leads to before the rule. Chains that lie so in memory, in the order in which packets
    /// meet them, halve the time that the kernel's check of all jumps takes at each commit.
    var chainsInOrder: [String] {
        var order: [String] = []
        var seen: Set<String> = []
        func visit(_ name: String) {
            guard let rules = chains[name], seen.insert(name).inserted else { return }
            for rule in rules {
                if let next = Self.next(rule) { visit(next) }
            }
            order.append(name)
        }
        for name in chains.keys.sorted() { visit(name) }
        return order
    }

    /// The chain that a rule leads to: the last word, after `-j` or `-g`. Targets with options are no chains.
    private static func next(_ rule: String) -> String? {
        guard let space = rule.utf8.lastIndex(of: UInt8(ascii: " ")) else { return nil }
        let option = rule.utf8[..<space].suffix(2)
        guard option.elementsEqual("-j".utf8) || option.elementsEqual("-g".utf8) else { return nil }
        return String(rule[rule.utf8.index(after: space)...])
    }
}

extension Array {
    fileprivate func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
