import NetTypes
import Nftables
import ProxyCore

/// Turns changes of service ports into transactions on one table. Pure; remembers only how many service ports use
/// each shared object, so that planning costs as much as the change.
struct TablePlanner: Sendable {
    let table: TableID
    private(set) var node: NodeFacts
    private var chains: [String: SharedChain] = [:]
    private var sharedElements: [SharedElement: Int] = [:]

    private struct SharedChain {
        var chain: TableChain
        var users: Int
    }

    /// The planner of a table that holds `Skeleton` and no service port.
    init(table: TableID, node: NodeFacts) {
        self.table = table
        self.node = node
    }

    var family: IPFamily { table.family }

    /// Creates the table, the objects every table has, and nothing else. Precondition: no such table, or one of the
    /// same layout whose skeleton chains are empty.
    func createTable() -> Transaction {
        var transaction = Transaction(table, [.addTable(comment: Layout.tableComment)])
        transaction.operations += Layout.sets.map { .addSet($0) }
        transaction.replace(Skeleton(family: family, node: node).chains)
        transaction.add(.nodePortIPs, node.nodePortElements(family))
        return transaction
    }

    /// What takes the table from the old service ports to the new ones.
    mutating func plan(_ changes: some Sequence<ServicePortChange>) -> TablePlan {
        var difference = ProgramDifference()
        for change in changes {
            difference.replace(
                change.old.map(ServiceProgram.init), with: change.new.map(ServiceProgram.init))
        }
        return plan(difference, evictions: changes.flatMap(AffinityEviction.evictions))
    }

    private mutating func plan(_ difference: ProgramDifference, evictions: [AffinityEviction]) -> TablePlan {
        var plan = TablePlan(change: Transaction(table), cleanup: Transaction(table), evictions: evictions)
        plan.change.operations += difference.newMaps.map { .addSet($0) }
        plan.change.replace(need(difference.newChains).map { $0.chain(node, family) })

        var removals = difference.removals
        var additions = difference.additions
        for (element, users) in difference.sharedElements where users != 0 {
            let before = sharedElements[element, default: 0]
            let after = before + users
            sharedElements[element] = after == 0 ? nil : after
            if before == 0 { additions[element.set, default: []].append(element.element) }
            if after == 0 { removals[element.set, default: []].append(element.element) }
        }
        for set in Layout.SetName.allCases {
            if let elements = removals[set] {
                plan.change.operations.append(.deleteElements(set: set.rawValue, elements))
            }
        }
        for set in Layout.SetName.allCases { plan.change.add(set, additions[set] ?? []) }

        let unused = release(difference.oldChains)
        plan.cleanup.operations += unused.map { .flushChain($0) } + unused.map { .deleteChain($0) }
        plan.cleanup.operations += difference.oldMaps.map { .deleteSet($0.name) }
        return plan
    }

    /// Counts users of chains; returns the chains that are new or whose rules changed.
    private mutating func need(_ needed: [TableChain]) -> [TableChain] {
        var changed: [String: TableChain] = [:]
        for chain in needed {
            let known = chains[chain.name]
            if known?.chain != chain { changed[chain.name] = chain }
            chains[chain.name] = SharedChain(chain: chain, users: (known?.users ?? 0) + 1)
        }
        return changed.values.sorted { $0.name < $1.name }
    }

    /// Returns the names of chains that lost their last user, those who refer to others first.
    private mutating func release(_ released: [TableChain]) -> [String] {
        var unused: [String] = []
        for chain in released {
            guard let known = chains[chain.name] else { continue }
            if known.users > 1 {
                chains[chain.name]?.users -= 1
            } else {
                chains[chain.name] = nil
                unused.append(chain.name)
            }
        }
        return unused
    }

    /// What takes the table from the old facts of the node to the new ones.
    mutating func plan(node new: NodeFacts) -> TablePlan {
        let old = node
        node = new
        var change = Transaction(table)
        let oldChains = Set(Skeleton(family: family, node: old).chains)
        var changed = Skeleton(family: family, node: new).chains.filter { !oldChains.contains($0) }
        for shared in chains.values {
            let chain = shared.chain.chain(new, family)
            if chain != shared.chain.chain(old, family) { changed.append(chain) }
        }
        change.replace(changed.sorted { $0.name < $1.name })

        let before = old.nodePortElements(family)
        let after = new.nodePortElements(family)
        let gone = before.filter { !after.contains($0) }
        if !gone.isEmpty {
            change.operations.append(.deleteElements(set: Layout.SetName.nodePortIPs.rawValue, gone))
        }
        change.add(.nodePortIPs, after.filter { !before.contains($0) })
        return TablePlan(change: change, cleanup: Transaction(table))
    }

    // MARK: The whole

    /// Every chain the table should have, with rules.
    var desiredChains: [Chain] {
        Skeleton(family: family, node: node).chains + chains.values.map { $0.chain.chain(node, family) }
    }

    func desiredChain(_ name: String) -> Chain? {
        chains[name]?.chain.chain(node, family)
            ?? Skeleton(family: family, node: node).chains.first { $0.name == name }
    }

    /// Whether any service port wants the element.
    func isNeeded(_ element: SharedElement) -> Bool { sharedElements[element] != nil }
}

/// What to do to a table. Applying it a second time is refused by the kernel (elements exist) and changes nothing.
public struct TablePlan: Sendable, CustomStringConvertible {
    /// All or nothing.
    var change: Transaction
    /// Removes what nothing uses any more. Apart from the change, because older kernels refuse to delete a chain in
    /// the transaction that removes the last element pointing to it.
    var cleanup: Transaction
    /// Clients that lose their affinity because their endpoint is gone.
    var evictions: [AffinityEviction] = []

    public var isEmpty: Bool { change.isEmpty && cleanup.isEmpty && evictions.isEmpty }

    public var description: String { "\(change)\(cleanup)" }
}

extension NodeFacts {
    func nodePortElements(_ family: IPFamily) -> [SetElement] {
        nodePortAddresses.filter { $0.family == family }.map { SharedElement(.nodePortIPs, .address($0)).element }
    }
}

extension Transaction {
    /// Gives chains exactly these rules, creating those that are not there.
    mutating func replace(_ chains: [Chain]) {
        operations += chains.map { .addChain($0) }
        operations += chains.map { .flushChain($0.name) }
        operations += chains.filter { !$0.rules.isEmpty }.map { .addRules(chain: $0.name, $0.rules) }
    }
}
