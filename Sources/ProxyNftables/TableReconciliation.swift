import NetTypes
import Nftables
import ProxyCore

/// Compares what a table should hold with what it holds, one set at a time. Pure.
struct TableReconciliation {
    let table: TableID
    private let chains: [Chain]
    private let observed: ObservedTable
    /// What each set should hold; what is found right is taken out.
    private var desired: [String: [RegisterBytes: SetElement]] = [:]
    private var wrong: [String: [SetElement]] = [:]
    /// Keys of the service addresses that should be there.
    private var served: [String: [RegisterBytes]] = [:]
    private let specs: [SetSpec]

    /// nil when the table is of another layout: it cannot be mended, only replaced.
    init?(_ planner: TablePlanner, programs: [ServiceProgram], observed: ObservedTable) {
        table = planner.table
        chains = planner.desiredChains
        specs = Layout.sets + programs.flatMap(\.maps)
        self.observed = observed
        guard observed.comment == Layout.tableComment, Self.canKeep(specs, chains, observed, planner.family)
        else { return nil }
        for program in programs {
            for (set, element) in program.elements { desired[set.rawValue, default: [:]][element.key] = element }
            for shared in program.sharedElements {
                desired[shared.set.rawValue, default: [:]][shared.element.key] = shared.element
            }
        }
        for element in planner.node.nodePortElements(planner.family) {
            desired[Layout.SetName.nodePortIPs.rawValue, default: [:]][element.key] = element
        }
    }

    /// Sets keep their elements only if their type is right, and base chains their place.
    private static func canKeep(
        _ specs: [SetSpec], _ chains: [Chain], _ observed: ObservedTable, _ family: IPFamily
    ) -> Bool {
        specs.allSatisfy { spec in observed.sets[spec.name].map { spec.matches($0, family: family) } ?? true }
            && chains.allSatisfy { chain in observed.chains[chain.name].map { $0.hook == chain.hook } ?? true }
    }

    /// Sets whose elements must be read before `plan`. Maps that clients fill are theirs.
    var setsToRead: [String] { Layout.SetName.allCases.map(\.rawValue).filter { observed.sets[$0] != nil } }

    /// How to find out what a large endpoint map holds without listing it; nil for sets that are better listed.
    /// The services that it belongs to must have been observed.
    func probe(_ name: String, largeMap: Int) -> EndpointProbe? {
        guard let set = Layout.SetName(rawValue: name), let services = set.frontends,
            let count = observed.sets[name]?.count, count > largeMap
        else { return nil }
        return EndpointProbe(
            count: Int(count), desired: desired[name].map { Array($0.keys) } ?? [],
            frontends: Set(wrong[services.rawValue, default: []].map(\.key)).union(served[services.rawValue] ?? []))
    }

    /// Takes in everything that the kernel holds in a set.
    mutating func observe(_ elements: [SetElement], in set: String) {
        var missing = desired[set] ?? [:]
        desired[set] = nil
        if Layout.SetName.allCases.contains(where: { $0.frontends?.rawValue == set }) {
            served[set] = Array(missing.keys)
        }
        for element in elements {
            if missing[element.key] == element {
                missing[element.key] = nil
            } else {
                wrong[set, default: []].append(element)
            }
        }
        desired[set] = missing
    }

    /// The difference, once all of `setsToRead` are read.
    func plan() -> TablePlan {
        var plan = TablePlan(change: Transaction(table), cleanup: Transaction(table))
        plan.change.operations += specs.filter { observed.sets[$0.name] == nil }.map { .addSet($0) }
        plan.change.replace(chains.filter { !isRight($0) })
        for set in Layout.SetName.allCases.map(\.rawValue) {
            if let wrong = wrong[set], !wrong.isEmpty {
                plan.change.operations.append(.deleteElements(set: set, wrong))
            }
        }
        for set in Layout.SetName.allCases {
            if let missing = desired[set.rawValue], !missing.isEmpty { plan.change.add(set, Array(missing.values)) }
        }
        let wanted = Set(chains.map(\.name))
        let strangers = observed.chains.keys.filter { !wanted.contains($0) }.sorted()
        plan.cleanup.operations += strangers.map { .flushChain($0) } + strangers.map { .deleteChain($0) }
        let known = Set(specs.map(\.name))
        plan.cleanup.operations += observed.sets.keys.filter { !known.contains($0) }.sorted().map { .deleteSet($0) }
        return plan
    }

    private func isRight(_ chain: Chain) -> Bool {
        guard let observed = observed.chains[chain.name], observed.rules.count == chain.rules.count else {
            return false
        }
        return zip(observed.rules, chain.rules).allSatisfy { $0 == $1.fingerprint(table) }
    }
}
