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
    private var fingerprint: TableFingerprint
    private var planner: TablePlanner?
    /// What `fingerprint` read after the last change of our own.
    private var known: [Int] = []

    public init(family: IPFamily, options: IPTablesOptions = IPTablesOptions()) throws {
        let variant: IPTablesVariant =
            switch options.variant {
            case .automatic: IPTablesPrograms.detect(family)
            case .nft: .nft
            case .legacy: .legacy
            }
        let programs = IPTablesPrograms(family, variant)
        let sets = try IPSetSocket()
        let fingerprint = try TableFingerprint(programs)
        self.family = family
        self.options = options
        self.programs = programs
        self.sets = sets
        self.fingerprint = fingerprint
    }

    /// The variant in use.
    public var variant: IPTablesVariant { programs.variant }

    // MARK: Synchronising

    public mutating func synchronise(_ ports: some Sequence<ServicePort>, node: NodeFacts) throws -> SyncReport {
        planner = nil
        // Before the reading: what others do from here on shows.
        known = try fingerprint.read(Self.watched)
        var planner = TablePlanner(family: family, node: node, localhostNodePorts: options.localhostNodePorts)
        let chains = planner.load(ports)
        var plan = try setDifference(planner.elements)
        let skeleton = planner.skeleton
        plan.nat.reconcile(
            try programs.save("nat"), desired: skeleton.chains("nat").merging(chains) { $1 })
        plan.filter.reconcile(try programs.save("filter"), desired: skeleton.chains("filter"))
        return try finish(plan, planner)
    }

    /// Makes sets that are not there, and says how the entries differ.
    private mutating func setDifference(_ desired: Set<SetElement>) throws -> TablePlan {
        var plan = TablePlan()
        var observed: Set<SetElement> = []
        for set in SetName.allCases {
            try sets.create(set.spec(family))
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
            cleanupFailure: rest.cleanupFailure ?? report.cleanupFailure)
    }

    private mutating func finish(_ plan: TablePlan, _ planner: TablePlanner) throws -> SyncReport {
        if planner.skeleton.routesLocalnet { try Localnet.enable() }
        for (set, entries) in plan.added.grouped { try sets.add(entries, to: set.name(family)) }
        try programs.restore([plan.nat, plan.filter])
        for (set, entries) in plan.removed.grouped { try sets.delete(entries, from: set.name(family)) }
        if !plan.isEmpty { known = try fingerprint.read(Self.watched) }
        self.planner = planner
        return SyncReport(operations: plan.count)
    }

    // MARK: Watching

    /// Chains whose rules and references show what others do; of each service port's chains nobody keeps watch.
    private static let watched: [(table: String, chain: String)] =
        [
            ChainName.canary, ChainName.services, ChainName.addresses, ChainName.nodePorts, ChainName.postrouting,
            ChainName.mark,
        ].map { ("nat", $0) }
        + [
            ChainName.canary, ChainName.services, ChainName.externalServices, ChainName.proxyFirewall,
            ChainName.forward,
        ].map { ("filter", $0) }

    public mutating func isIntact() throws -> Bool {
        guard planner != nil else { return true }
        if try fingerprint.read(Self.watched) != known { return false }
        for set in SetName.allCases where try !sets.exists(set.name(family)) { return false }
        return true
    }

    // MARK: Cleaning up

    public mutating func cleanup() throws {
        planner = nil
        var changes: [TableChange] = []
        for table in ["nat", "filter"] {
            let observed = try programs.save(table)
            var change = TableChange(table: table)
            let own = Skeleton(node: NodeFacts(name: ""), family: family, localhostNodePorts: false).chains(table)
            change.deletedChains = Set(
                observed.chains.keys.filter {
                    own[$0] != nil || ChainName.isOfService($0)
                        || [ChainName.addresses, ChainName.nodePorts].contains($0)
                })
            for jump in Skeleton.jumps(table) where observed.chains[jump.chain]?.contains(jump.rule) == true {
                change.deletions.append(jump)
            }
            changes.append(change)
        }
        try programs.restore(changes)
        for set in SetName.allCases { try sets.destroySoon(set.name(family)) }
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
        var nat = TableChange(table: "nat")
        nat.reconcile(TableText(), desired: planner.skeleton.chains("nat").merging(chains) { $1 })
        var filter = TableChange(table: "filter")
        filter.reconcile(TableText(), desired: planner.skeleton.chains("filter"))
        let specs = SetName.allCases.map { "\($0.spec(family))\n" }
        let entries = planner.elements.map { "add \($0.set.name(family)) \($0.key)\n" }.sorted()
        return ((specs + entries).joined(), "\(nat)\(filter)")
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
