import IPSet
import IPTables
import NetTypes
import ProxyCore

/// What one change does to the kernel: entries come before the rules that need them, and go after.
struct TablePlan: Sendable, Equatable {
    var added: Set<SetElement> = []
    var nat = TableChange(table: "nat")
    var filter = TableChange(table: "filter")
    var mangle = TableChange(table: "mangle")
    var removed: Set<SetElement> = []

    var tables: [TableChange] { [nat, filter, mangle] }
    var isEmpty: Bool { count == 0 }
    var count: Int { added.count + removed.count + tables.reduce(0) { $0 + $1.count } }

    /// By the table's name.
    subscript(table: String) -> TableChange {
        get { table == nat.table ? nat : table == filter.table ? filter : mangle }
        set {
            switch table {
            case nat.table: nat = newValue
            case filter.table: filter = newValue
            default: mangle = newValue
            }
        }
    }
}

/// Turns service ports into chains and set entries, and changes of them into plans. Pure.
struct TablePlanner: Sendable {
    let family: IPFamily
    let localhostNodePorts: Bool
    private(set) var node: NodeFacts
    private var ports: [ServicePortName: ServicePort] = [:]
    private var targets: [DispatchKey: DispatchTarget] = [:]
    /// The chains of both dispatch trees, which follow from `targets`.
    private var dispatch: [String: [String]] = [:]
    /// How many service ports want each entry.
    private var users: [SetElement: Int] = [:]
    /// How many service ports want each.
    private var healthPorts: [HealthPort: Int] = [:]
    /// How many rules each table holds by the last plan.
    private(set) var ruleCounts: [String: Int] = [:]

    init(family: IPFamily, node: NodeFacts, localhostNodePorts: Bool) {
        self.family = family
        self.node = node
        self.localhostNodePorts = localhostNodePorts
    }

    var skeleton: Skeleton { Skeleton(node: node, family: family, localhostNodePorts: localhostNodePorts) }

    // MARK: All

    /// Takes in service ports; for a planner that is then compared with the kernel as a whole. Returns their chains.
    mutating func load(_ all: some Sequence<ServicePort>) -> [String: [String]] {
        var chains: [String: [String]] = [:]
        for port in all where port.name.family == family {
            let program = PortProgram(port, node)
            ports[port.name] = port
            targets.merge(program.targets) { $1 }
            for element in program.elements { users[element, default: 0] += 1 }
            if let health = HealthPort(port) { healthPorts[health, default: 0] += 1 }
            chains.merge(program.chains) { $1 }
        }
        dispatch = Self.dispatch(targets)
        return chains
    }

    /// Every chain that a table must have. Takes the chains of service ports, which are made anew otherwise.
    func chains(_ table: String, ofPorts chains: [String: [String]]? = nil) -> [String: [String]] {
        let fixed = fixedChains(table)
        return table == "nat" ? fixed.merging(chains ?? Self.chains(of: ports.values, node)) { $1 } : fixed
    }

    /// Those of some chains that a table must have.
    func chains(_ table: String, among names: Set<String>) -> [String: [String]] {
        let fixed = fixedChains(table).filter { names.contains($0.key) }
        guard table == "nat", names.contains(where: { ChainName.isOfService($0) && fixed[$0] == nil }) else {
            return fixed
        }
        return fixed.merging(portChains(among: names.subtracting(fixed.keys))) { $1 }
    }

    /// Names of most chains tell whose they are, once they are known; for others everything is made anew.
    private func portChains(among names: Set<String>) -> [String: [String]] {
        let hashes = Set(names.map { String($0.suffix(16)) })
        let likely = ports.values.filter { hashes.contains(ChainName.hash($0.name)) }
        let chains = Self.chains(of: likely, node).filter { names.contains($0.key) }
        return chains.count == names.count
            ? chains : Self.chains(of: ports.values, node).filter { names.contains($0.key) }
    }

    /// All but the chains of service ports.
    private func fixedChains(_ table: String) -> [String: [String]] {
        let chains = skeleton.chains(table)
        switch table {
        case "nat": return chains.merging(dispatch) { $1 }
        case "filter": return chains.merging([ChainName.nodePorts: healthRules]) { $1 }
        default: return chains
        }
    }

    /// Counts the rules of a table: its chains and the jumps to them.
    mutating func count(_ table: String, _ chains: [String: [String]]) {
        ruleCounts[table] = chains.ruleCount + Skeleton.jumps(table).count
    }

    private mutating func recount(_ table: String, _ old: [String: [String]], _ new: [String: [String]]) {
        ruleCounts[table, default: 0] += new.ruleCount - old.ruleCount
    }

    private static func chains(of ports: some Sequence<ServicePort>, _ node: NodeFacts) -> [String: [String]] {
        ports.reduce(into: [:]) { $0.merge(PortProgram($1, node).chains) { $1 } }
    }

    private var healthRules: [String] { healthPorts.keys.sorted().map(\.rule) }

    /// Every entry that the sets must hold.
    var elements: Set<SetElement> { Set(users.keys).union(skeleton.elements) }

    private static func dispatch(_ targets: [DispatchKey: DispatchTarget]) -> [String: [String]] {
        let addresses = DispatchTree(
            targets.filter { $0.key.ip != nil }, root: ChainName.addresses, prefix: ChainName.addressPrefix)
        let nodePorts = DispatchTree(
            targets.filter { $0.key.ip == nil }, root: ChainName.nodePorts, prefix: ChainName.portPrefix)
        return addresses.chains.merging(nodePorts.chains) { $1 }
    }

    // MARK: Changes

    mutating func plan(_ changes: some Sequence<ServicePortChange>) -> TablePlan {
        let oldTargets = targets
        var plan = TablePlan()
        var old: [String: [String]] = [:]
        var new: [String: [String]] = [:]
        var balance: [SetElement: Int] = [:]
        for change in changes where change.name?.family == family {
            if let port = change.old {
                let program = PortProgram(port, node)
                old.merge(program.chains) { $1 }
                for key in program.targets.keys where targets[key] == program.targets[key] { targets[key] = nil }
                for element in program.elements { balance[element, default: 0] -= 1 }
                ports[port.name] = nil
            }
            if let port = change.new {
                let program = PortProgram(port, node)
                new.merge(program.chains) { $1 }
                targets.merge(program.targets) { $1 }
                for element in program.elements { balance[element, default: 0] += 1 }
                ports[port.name] = port
            }
        }
        count(balance, into: &plan)
        countHealthPorts(changes, into: &plan)
        if targets != oldTargets {
            old.merge(dispatch) { $1 }
            dispatch = Self.dispatch(targets)
            new.merge(dispatch) { $1 }
        }
        plan.nat.replace(old, with: new)
        recount("nat", old, new)
        return plan
    }

    private mutating func count(_ balance: [SetElement: Int], into plan: inout TablePlan) {
        for (element, difference) in balance where difference != 0 {
            let before = users[element, default: 0]
            let after = before + difference
            users[element] = after == 0 ? nil : after
            if before == 0 { plan.added.insert(element) }
            if after == 0 { plan.removed.insert(element) }
        }
    }

    private mutating func countHealthPorts(_ changes: some Sequence<ServicePortChange>, into plan: inout TablePlan) {
        var isChanged = false
        let before = healthPorts.count
        for change in changes where change.name?.family == family {
            let (old, new) = (change.old.flatMap(HealthPort.init), change.new.flatMap(HealthPort.init))
            guard old != new else { continue }
            isChanged = true
            if let new { healthPorts[new, default: 0] += 1 }
            if let old, let users = healthPorts[old] { healthPorts[old] = users > 1 ? users - 1 : nil }
        }
        guard isChanged else { return }
        plan.filter.chains[ChainName.nodePorts] = healthRules
        ruleCounts["filter", default: 0] += healthPorts.count - before
    }

    /// Rules of service ports name pods' addresses and more: all are made anew and compared.
    mutating func plan(node new: NodeFacts) -> TablePlan {
        var plan = TablePlan()
        let oldSkeleton = skeleton
        let oldNode = node
        node = new
        for port in ports.values {
            replace(PortProgram(port, oldNode).chains, PortProgram(port, new).chains, "nat", &plan)
        }
        for table in ["nat", "filter"] { replace(oldSkeleton.chains(table), skeleton.chains(table), table, &plan) }
        plan.added = skeleton.elements.subtracting(oldSkeleton.elements)
        plan.removed = oldSkeleton.elements.subtracting(skeleton.elements)
        return plan
    }

    private mutating func replace(
        _ old: [String: [String]], _ new: [String: [String]], _ table: String, _ plan: inout TablePlan
    ) {
        plan[table].replace(old, with: new)
        recount(table, old, new)
    }
}

extension [String: [String]] {
    /// How many rules these chains have.
    var ruleCount: Int { values.reduce(0) { $0 + $1.count } }
}

extension TableChange {
    /// Adds what takes the old chains to the new ones.
    mutating func replace(_ old: [String: [String]], with new: [String: [String]]) {
        for (name, rules) in new where old[name] != rules { chains[name] = rules }
        deletedChains.formUnion(old.keys.filter { new[$0] == nil })
    }

    /// Adds what takes an observed table to the desired chains and jumps. Chains that are not ours stay.
    mutating func reconcile(_ observed: TableText, desired: [String: [String]]) {
        for (name, rules) in desired where observed.chains[name] != rules { chains[name] = rules }
        deletedChains.formUnion(observed.chains.keys.filter { ChainName.isOfService($0) && desired[$0] == nil })
        for jump in Skeleton.jumps(table) where observed.chains[jump.chain]?.contains(jump.rule) != true {
            insertions.append(jump)
        }
    }

    /// Adds what takes one observed chain, nil when it is not there, to what is desired of it.
    mutating func mend(_ chain: String, _ observed: [String]?, desired: [String]?) {
        if let desired {
            if observed != desired { chains[chain] = desired }
        } else if observed != nil, Skeleton.makes(chain, in: table) {
            deletedChains.insert(chain)
        }
        for jump in Skeleton.jumps(table) where jump.chain == chain && observed?.contains(jump.rule) != true {
            insertions.append(jump)
        }
    }
}
