import IPSet
import IPTables
import NetTypes
import ProxyCore

/// What one change does to the kernel: entries come before the rules that need them, and go after.
struct TablePlan: Sendable, Equatable {
    var added: Set<SetElement> = []
    var nat = TableChange(table: "nat")
    var filter = TableChange(table: "filter")
    var removed: Set<SetElement> = []

    var isEmpty: Bool { count == 0 }
    var count: Int { added.count + removed.count + nat.count + filter.count }
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

    init(family: IPFamily, node: NodeFacts, localhostNodePorts: Bool) {
        self.family = family
        self.node = node
        self.localhostNodePorts = localhostNodePorts
    }

    var skeleton: Skeleton { Skeleton(node: node, family: family, localhostNodePorts: localhostNodePorts) }

    // MARK: All

    /// Takes in service ports; for a planner that is then compared with the kernel as a whole.
    mutating func load(_ all: some Sequence<ServicePort>) -> [String: [String]] {
        var chains: [String: [String]] = [:]
        for port in all where port.name.family == family {
            let program = PortProgram(port, node)
            ports[port.name] = port
            targets.merge(program.targets) { $1 }
            for element in program.elements { users[element, default: 0] += 1 }
            chains.merge(program.chains) { $1 }
        }
        dispatch = Self.dispatch(targets)
        return chains.merging(dispatch) { $1 }
    }

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
        if targets != oldTargets {
            old.merge(dispatch) { $1 }
            dispatch = Self.dispatch(targets)
            new.merge(dispatch) { $1 }
        }
        plan.nat.replace(old, with: new)
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

    /// Rules of service ports name pods' addresses and more: all are made anew and compared.
    mutating func plan(node new: NodeFacts) -> TablePlan {
        var plan = TablePlan()
        let oldSkeleton = skeleton
        let oldNode = node
        node = new
        for port in ports.values {
            plan.nat.replace(PortProgram(port, oldNode).chains, with: PortProgram(port, new).chains)
        }
        plan.nat.replace(oldSkeleton.chains("nat"), with: skeleton.chains("nat"))
        plan.filter.replace(oldSkeleton.chains("filter"), with: skeleton.chains("filter"))
        plan.added = skeleton.elements.subtracting(oldSkeleton.elements)
        plan.removed = oldSkeleton.elements.subtracting(skeleton.elements)
        return plan
    }
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
}
