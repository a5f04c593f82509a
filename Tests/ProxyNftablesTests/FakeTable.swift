import Nftables

/// Interprets transactions as the kernel does, with each operation's precondition checked. All or nothing.
struct FakeTable: Equatable {
    struct Failure: Error, Equatable { let reason: String }

    var exists = false
    var chains: [String: [Rule]] = [:]
    var sets: [String: SetSpec] = [:]
    var elements: [String: [RegisterBytes: SetElement]] = [:]

    mutating func apply(_ transaction: Transaction) throws {
        var copy = self
        for operation in transaction.operations { try copy.apply(operation) }
        self = copy
    }

    private mutating func apply(_ operation: Operation) throws {
        switch operation {
        case .addTable: exists = true
        case .deleteTable: self = FakeTable()
        case .addSet(let spec):
            sets[spec.name] = spec
            elements[spec.name, default: [:]].merge([:]) { $1 }
        case .deleteSet(let name):
            try expect(sets[name] != nil, "no set \(name)")
            try expect(!refersToSet(name), "set \(name) is in use")
            sets[name] = nil
            elements[name] = nil
        case .addChain(let chain): chains[chain.name, default: []] += []
        case .deleteChain(let name):
            try expect(chains[name]?.isEmpty == true, "chain \(name) is not there or not empty")
            try expect(!refersToChain(name), "chain \(name) is in use")
            chains[name] = nil
        case .flushChain(let name):
            try expect(chains[name] != nil, "no chain \(name)")
            chains[name] = []
        case .addRules(let chain, let rules):
            try expect(chains[chain] != nil, "no chain \(chain)")
            for target in rules.flatMap(\.statements).compactMap(\.targetChain) {
                try expect(chains[target] != nil, "\(chain) goes to \(target), which is not there")
            }
            for set in rules.flatMap(\.statements).compactMap(\.setName) {
                try expect(sets[set] != nil, "\(chain) uses \(set), which is not there")
            }
            chains[chain, default: []] += rules
        case .addElements(let set, let added): try add(added, to: set)
        case .deleteElements(let set, let removed):
            for element in removed {
                try expect(elements[set]?.removeValue(forKey: element.key) != nil, "no such element in \(set)")
            }
        }
    }

    private mutating func add(_ added: [SetElement], to set: String) throws {
        try expect(sets[set] != nil, "no set \(set)")
        for element in added {
            let known = elements[set]?[element.key]
            try expect(known == nil || known?.data == element.data, "\(set) has another element with this key")
            if case .verdict(.goto(let chain)) = element.data {
                try expect(chains[chain] != nil, "an element of \(set) goes to \(chain), which is not there")
            }
            if known == nil { elements[set]?[element.key] = element }
        }
    }

    private func refersToChain(_ name: String) -> Bool {
        chains.values.contains { $0.contains { $0.statements.contains { $0.targetChain == name } } }
            || elements.values.contains { $0.values.contains { $0.data == .verdict(.goto(name)) } }
    }

    private func refersToSet(_ name: String) -> Bool {
        chains.values.contains { $0.contains { $0.statements.contains { $0.setName == name } } }
    }

    private func expect(_ condition: Bool, _ reason: @autoclosure () -> String) throws {
        if !condition { throw Failure(reason: reason()) }
    }
}

extension Statement {
    var targetChain: String? {
        switch self {
        case .verdict(.jump(let name)), .verdict(.goto(let name)): name
        default: nil
        }
    }

    var setName: String? {
        switch self {
        case .inSet(_, let set, _): set
        case .verdictMap(_, let map), .dnat(_, let map), .remember(let map, _, _, _): map
        default: nil
        }
    }
}
