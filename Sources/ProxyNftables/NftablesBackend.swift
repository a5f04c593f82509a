import NetTypes
import Nftables
import ProxyCore

/// The nftables mode in one family: a table kept equal to the desired service ports.
public struct NftablesBackend: ProxyBackend, ~Copyable {
    public let family: IPFamily
    let table: TableID
    var session: NftablesSession
    var monitor: NftablesMonitor
    var foreignChanges = ForeignChanges()
    private(set) var planner: TablePlanner?
    /// Endpoint maps with more elements are not listed.
    private let largeMap: Int

    public init(family: IPFamily, tableName: String = "kube-proxy") throws {
        try self.init(family: family, tableName: tableName, largeMap: EndpointProbe.threshold)
    }

    init(family: IPFamily, tableName: String = "kube-proxy", largeMap: Int) throws {
        let session = try NftablesSession()
        monitor = try NftablesMonitor(ignoring: [session.portID])
        self.session = session
        self.family = family
        table = TableID(family, tableName)
        self.largeMap = largeMap
    }

    /// Notifications about this backend's own changes carry this number.
    public var portID: UInt32 { session.portID }

    /// Is not woken by what these sessions change, and takes none of it for foreign.
    public mutating func ignore(_ portIDs: Set<UInt32>) { monitor.ignore(portIDs) }

    // MARK: Synchronising

    /// Service ports whose programs go into one transaction of a first synchronisation: it bounds memory.
    private static let batchSize = 2000

    public mutating func synchronise(_ ports: some Sequence<ServicePort>, node: NodeFacts) throws -> SyncReport {
        planner = nil
        // What is heard from here on may come after the reading.
        _ = isIntact()
        foreignChanges = ForeignChanges()
        guard let observed = try session.readTable(table) else { return try create(ports, node) }
        var planner = TablePlanner(table: table, node: node)
        let mine = ports.filter { $0.name.family == family }
        let whole = planner.plan(mine.lazy.map { ServicePortChange(old: nil, new: $0) })
        let programs = mine.map(ServiceProgram.init)
        guard var comparison = TableReconciliation(planner, programs: programs, observed: observed) else {
            return try replace(planner, whole)
        }
        for set in comparison.setsToRead {
            comparison.observe(try elements(of: set, comparison.probe(set, largeMap: largeMap)), in: set)
        }
        var plan = comparison.plan()
        // Endpoints may have gone while nobody watched.
        plan.evictions = mine.flatMap(AffinityEviction.evictions).filter { observed.sets[$0.map] != nil }
        let report = try perform(plan)
        self.planner = planner
        return report
    }

    /// Everything that a set holds: asked for where that finds all of it, listed otherwise.
    private mutating func elements(of set: String, _ probe: EndpointProbe?) throws -> [SetElement] {
        var elements: [SetElement] = []
        if var probe {
            while !probe.questions.isEmpty {
                try session.forEachElement(
                    of: set, in: table, keys: probe.questions, restart: { elements = [] }, { elements.append($0) })
                probe.take(elements)
            }
            if probe.isComplete { return probe.found }
        }
        try session.forEachElement(of: set, in: table, restart: { elements = [] }) { elements.append($0) }
        return elements
    }

    /// No table yet: everything is new, in transactions of bounded size.
    private mutating func create(_ ports: some Sequence<ServicePort>, _ node: NodeFacts) throws -> SyncReport {
        var planner = TablePlanner(table: table, node: node)
        try session.apply(planner.createTable())
        var report = SyncReport(operations: Layout.sets.count)
        var batch: [ServicePortChange] = []
        batch.reserveCapacity(Self.batchSize)
        func flush(_ planner: inout TablePlanner, _ batch: inout [ServicePortChange], _ backend: inout NftablesBackend)
            throws
        {
            report.operations += try backend.perform(planner.plan(batch)).operations
            batch.removeAll(keepingCapacity: true)
        }
        for port in ports where port.name.family == family {
            batch.append(ServicePortChange(old: nil, new: port))
            if batch.count == Self.batchSize { try flush(&planner, &batch, &self) }
        }
        try flush(&planner, &batch, &self)
        self.planner = planner
        return report
    }

    /// A table that Apus did not lay out: gone and made anew in one transaction.
    private mutating func replace(_ planner: TablePlanner, _ whole: TablePlan) throws -> SyncReport {
        var transaction = Transaction(table, [.addTable(comment: ""), .deleteTable])
        transaction.operations += planner.createTable().operations
        transaction.operations += whole.change.operations
        try session.apply(transaction)
        self.planner = planner
        return SyncReport(operations: transaction.count)
    }

    // MARK: Deltas

    public mutating func apply(_ delta: ProxyDelta) throws -> SyncReport {
        guard var planner else { throw BackendNotSynchronised() }
        // Until all is applied there is nothing to build on.
        self.planner = nil
        var report = SyncReport()
        if let node = delta.node {
            report.add(try perform(planner.plan(node: node.new)))
        }
        let mine = delta.servicePorts.filter { $0.name?.family == family }
        report.add(try perform(planner.plan(mine)))
        self.planner = planner
        return report
    }

    mutating func perform(_ plan: TablePlan) throws -> SyncReport {
        var change = plan.change
        change.operations += try evictions(plan.evictions)
        try session.apply(change)
        var report = SyncReport(operations: change.count)
        // A client may have been given the lost endpoint between the reading and the change.
        let late = try evictions(plan.evictions)
        if !late.isEmpty { try session.apply(Transaction(table, late)) }
        report.cleanupFailure = cleanUp(plan.cleanup)
        return report
    }

    /// Deletions of affinity elements that name an endpoint which is gone.
    private mutating func evictions(_ evictions: [AffinityEviction]) throws(NftablesError) -> [Operation] {
        var operations: [Operation] = []
        for eviction in evictions {
            var clients: [SetElement] = []
            do {
                try session.forEachElement(of: eviction.map, in: table, restart: { clients = [] }) { element in
                    if case .bytes(let endpoint) = element.data, eviction.concerns(endpoint) { clients.append(element) }
                }
            } catch {
                // The map of a scope that the Service does not use.
                if error.isNotFound { continue }
                throw error
            }
            // A client may expire before the transaction: adding it first makes the deletion hold.
            if !clients.isEmpty {
                operations += [
                    .addElements(set: eviction.map, clients), .deleteElements(set: eviction.map, clients),
                ]
            }
        }
        return operations
    }

    private mutating func cleanUp(_ cleanup: Transaction) -> String? {
        do {
            try session.apply(cleanup)
            return nil
        } catch {
            // What cannot go now goes at the next synchronisation, which knows what does not belong.
            return "\(error)"
        }
    }

    public mutating func cleanup() throws {
        planner = nil
        guard try session.readTable(table) != nil else { return }
        try session.apply(Transaction(table, [.deleteTable]))
    }

    public mutating func missingFeatures() throws -> [String] { try session.probe(family) }

    // MARK: Printing

    /// What a first synchronisation would send, without touching the kernel.
    public static func program(
        _ ports: some Sequence<ServicePort>, node: NodeFacts, family: IPFamily, tableName: String = "kube-proxy"
    ) -> Transaction {
        var planner = TablePlanner(table: TableID(family, tableName), node: node)
        let mine = ports.filter { $0.name.family == family }.map { ServicePortChange(old: nil, new: $0) }
        let plan = planner.plan(mine)
        var transaction = planner.createTable()
        transaction.operations += plan.change.operations
        return transaction
    }
}

/// `apply` came before a successful `synchronise`.
struct BackendNotSynchronised: Error, CustomStringConvertible {
    var description: String { "the table must be synchronised before it is changed" }
}

extension SyncReport {
    mutating func add(_ other: SyncReport) {
        operations += other.operations
        cleanupFailure = other.cleanupFailure ?? cleanupFailure
    }
}

extension Transaction {
    /// Objects and elements that it makes or deletes.
    var count: Int {
        operations.reduce(0) { sum, operation in
            switch operation {
            case .addElements(_, let elements), .deleteElements(_, let elements):
                sum + elements.count
            case .addRules(_, let rules): sum + rules.count
            default: sum + 1
            }
        }
    }
}
