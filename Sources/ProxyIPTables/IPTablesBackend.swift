import IPSet
import IPTables
import NetTypes
import ProxyCore

/// Settings of the iptables mode that are not facts of the node.
public struct IPTablesOptions: Sendable, Hashable {
    public enum Variant: Sendable, Hashable {
        /// The one that kubelet uses on this node.
        case automatic
        case nft
        case legacy
    }

    public var variant: Variant
    /// Node ports answer on 127.0.0.1 where that is a node-port address (`iptables.localhostNodePorts`).
    public var localhostNodePorts: Bool

    public init(variant: Variant = .automatic, localhostNodePorts: Bool = true) {
        self.variant = variant
        self.localhostNodePorts = localhostNodePorts
    }
}

/// The iptables mode in one family: kube-proxy's chains, entered through sets and a tree.
public struct IPTablesBackend: ProxyBackend, ~Copyable {
    public let family: IPFamily
    private let options: IPTablesOptions
    let programs: IPTablesPrograms
    var sets: IPSetSocket
    var fingerprint: TableFingerprint
    let watch: TableWatch
    private(set) var planner: TablePlanner?
    /// What there was after the last change of our own.
    var known = KnownState()

    /// Both families of a mode must be given one `watch`.
    public init(
        family: IPFamily, options: IPTablesOptions = IPTablesOptions(), watch: TableWatch = TableWatch()
    ) throws {
        let variant: IPTablesVariant =
            switch options.variant {
            case .automatic: IPTablesPrograms.detect(family)
            case .nft: .nft
            case .legacy: .legacy
            }
        let programs = IPTablesPrograms(family, variant)
        let sets = try IPSetSocket()
        let fingerprint = try TableFingerprint(programs)
        if variant == .nft { try watch.open() }
        self.family = family
        self.options = options
        self.programs = programs
        self.sets = sets
        self.fingerprint = fingerprint
        self.watch = watch
    }

    /// The variant in use.
    public var variant: IPTablesVariant { programs.variant }

    // MARK: Synchronising

    public mutating func synchronise(_ ports: some Sequence<ServicePort>, node: NodeFacts) throws -> SyncReport {
        self.planner = nil
        var planner = TablePlanner(family: family, node: node, localhostNodePorts: options.localhostNodePorts)
        var chains: [String: [String]] = [:]
        try beginReading()
        let observed = try programs.save { chains = planner.load(ports) }
        var plan = try setDifference(planner.elements)
        for table in Skeleton.tables {
            let desired = planner.chains(table, ofPorts: chains)
            planner.count(table, desired)
            plan[table].reconcile(observed[table] ?? TableText(), desired: desired)
        }
        return try finish(plan, planner)
    }

    /// What others do from here on shows.
    mutating func beginReading() throws {
        for set in SetName.allCases { try sets.create(set.spec(family)) }
        watch.forget(family)
        known = try observe()
    }

    /// How the entries differ.
    mutating func setDifference(_ desired: Set<SetElement>) throws -> TablePlan {
        var plan = TablePlan()
        var observed: Set<SetElement> = []
        for set in SetName.allCases {
            let contents = try sets.contents(of: set.name(family))
            observed.formUnion((contents?.entries ?? []).map { SetElement(set, $0.key) })
        }
        plan.added = desired.subtracting(observed)
        plan.removed = observed.subtracting(desired)
        return plan
    }

    public mutating func apply(_ delta: ProxyDelta) throws -> SyncReport {
        guard var planner else { throw BackendNotSynchronised() }
        // Until all is applied there is nothing to build on.
        self.planner = nil
        var report = SyncReport()
        if let node = delta.node {
            report = try finish(planner.plan(node: node.new), planner)
        }
        let rest = try finish(planner.plan(delta.servicePorts), planner)
        return SyncReport(
            operations: report.operations + rest.operations,
            cleanupFailure: rest.cleanupFailure ?? report.cleanupFailure,
            rules: rest.rules.merging(report.rules) {
                RuleCount(total: $0.total, written: $0.written + $1.written)
            })
    }

    mutating func finish(_ plan: TablePlan, _ planner: TablePlanner) throws -> SyncReport {
        if planner.skeleton.routesLocalnet {
            try settings.set([.init("net.ipv4.conf.all.route_localnet", "1")], &sets)
        }
        for (set, entries) in plan.added.grouped { try sets.add(entries, to: set.name(family)) }
        try restore(plan.tables)
        for (set, entries) in plan.removed.grouped { try sets.delete(entries, from: set.name(family)) }
        if !plan.isEmpty { known = try observe() }
        self.planner = planner
        let rules = plan.tables.map { change in
            let total = planner.ruleCounts[change.table] ?? 0
            return (change.table, RuleCount(total: total, written: change.chains.ruleCount + change.insertions.count))
        }
        return SyncReport(operations: plan.count, rules: Dictionary(uniqueKeysWithValues: rules))
    }

    private func restore(_ changes: [TableChange]) throws {
        let watch = watch
        try programs.restore(changes) { watch.expect($0) }
    }

    // MARK: Cleaning up

    public mutating func cleanup() throws {
        planner = nil
        for variant in IPTablesVariant.allCases {
            let programs = IPTablesPrograms(family, variant)
            if programs.areInstalled { try Self.cleanUp(programs) }
        }
        _ = try settings.restore(&sets)
        for set in SetName.allCases.map({ $0.name(family) }) + [settings.spec.name] { try sets.destroySoon(set) }
    }

    /// As they were before this mode changed them.
    private var settings: KeptSettings { KeptSettings(set: SetName.settings(family), family) }

    private static func cleanUp(_ programs: IPTablesPrograms) throws {
        let tables = try programs.save()
        let changes = Skeleton.tables.compactMap { table -> TableChange? in
            guard let observed = tables[table] else { return nil }
            var change = TableChange(table: table)
            let gone = Set(observed.chains.keys.filter { Skeleton.makes($0, in: table) })
            change.deletedChains = gone
            // Whatever leads there, in whosever words: a chain that is led to cannot go.
            for (chain, rules) in observed.chains where !gone.contains(chain) {
                change.deletions += rules.filter { leads($0, to: gone) }.map { TableChange.BaseRule(chain, $0) }
            }
            return change
        }
        try programs.restore(changes)
    }

    /// `… -j CHAIN` or `… -g CHAIN`, as iptables-save writes them: at the end.
    private static func leads(_ rule: String, to chains: Set<String>) -> Bool {
        let words = rule.split(separator: " ").suffix(2)
        guard let last = words.last, let jump = words.first, jump == "-j" || jump == "-g" else { return false }
        return chains.contains(String(last))
    }

    // MARK: Features

    public mutating func missingFeatures() throws -> [String] {
        guard programs.areInstalled else {
            return ["\(programs.name)-restore and \(programs.name)-save are not installed: install iptables"]
        }
        return FeatureProbe(programs: programs).missing(&sets)
    }

    // MARK: Printing

    /// What a first synchronisation would feed to `ipset restore` and then to `iptables-restore --noflush`, without
    /// touching the kernel.
    public static func program(
        _ ports: some Sequence<ServicePort>, node: NodeFacts, family: IPFamily,
        options: IPTablesOptions = IPTablesOptions()
    ) -> (ipset: String, iptables: String) {
        var planner = TablePlanner(family: family, node: node, localhostNodePorts: options.localhostNodePorts)
        let chains = planner.load(ports)
        let tables = Skeleton.tables.map { table in
            var change = TableChange(table: table)
            change.reconcile(TableText(), desired: planner.chains(table, ofPorts: chains))
            return change
        }
        let specs = SetName.allCases.map { "\($0.spec(family))\n" }
        let entries = planner.elements.map { "add \($0.set.name(family)) \($0.key)\n" }.sorted()
        return ((specs + entries).joined(), tables.map(\.description).joined())
    }
}

/// `apply` came before a successful `synchronise`.
struct BackendNotSynchronised: Error, CustomStringConvertible {
    var description: String { "the tables must be synchronised before they are changed" }
}

extension Set<SetElement> {
    fileprivate var grouped: [SetName: [SetEntry]] {
        reduce(into: [:]) { $0[$1.set, default: []].append(SetEntry($1.key)) }
    }
}
