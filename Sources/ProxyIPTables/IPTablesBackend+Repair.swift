import IPSet
import IPTables
import ProxyCore

/// What tells, cheaply, whether others changed something.
struct KnownState: Equatable {
    /// How large the tables of iptables-legacy are.
    var sizes: [String: Int] = [:]
    /// How many entries each set has.
    var entries: [String: UInt32] = [:]
}

extension IPTablesBackend {
    public mutating func isIntact() throws -> Bool {
        guard planner != nil else { return true }
        return try foreignChanges().isEmpty
    }

    /// Looks at the chains that others touched, and at nothing else; with iptables-legacy at the tables.
    public mutating func repair(_ state: ProxyState) throws -> SyncReport? {
        let changes = try foreignChanges()
        guard let planner, !changes.isWide else { return nil }
        try beginReading()
        var plan = changes.hasSets ? try setDifference(planner.elements) : TablePlan()
        for table in changes.tables.sorted() {
            var desired: [String: [String]] = [:]
            let observed = try programs.save(table) { desired = planner.chains(table) }
            plan[table].reconcile(observed, desired: desired)
        }
        for (table, names) in changes.chains {
            let desired = planner.chains(table, among: names)
            for name in names.sorted() {
                plan[table].mend(name, try rules(of: name, in: table), desired: desired[name])
            }
        }
        return try finish(plan, planner)
    }

    /// nil for a chain that is not there.
    private mutating func rules(of chain: String, in table: String) throws -> [String]? {
        try fingerprint.hasChain(chain, in: table) ? try programs.rules(of: chain, in: table) : nil
    }

    private mutating func foreignChanges() throws -> ForeignChanges {
        let observed = try observe()
        var changes = watch.changes(family)
        changes.tables = Set(known.sizes.keys.filter { known.sizes[$0] != observed.sizes[$0] })
        changes.hasSets = known.entries != observed.entries
        return changes
    }

    mutating func observe() throws -> KnownState {
        var state = KnownState()
        if programs.variant == .legacy { state.sizes = try fingerprint.sizes(Skeleton.tables) }
        let names = Set(SetName.allCases.map { $0.name(family) })
        for set in try sets.sets() where names.contains(set.spec.name) { state.entries[set.spec.name] = set.count }
        return state
    }
}
