import NetTypes

/// A proxy mode in one address family: keeps kernel objects equal to what a `ProxyState` asks for.
///
/// A backend plans purely (`plan`s print themselves) and applies at the edge. It never looks at more than the delta
/// unless it synchronises. Calls come from one thread.
public protocol ProxyBackend: ~Copyable {
    var family: IPFamily { get }

    /// Reads the kernel, applies the difference to what is desired, and disturbs nothing that is already right.
    /// Ports of other families are passed over. After an error the kernel holds the last good state or a part of the
    /// new one; call again.
    mutating func synchronise(_ ports: some Sequence<ServicePort>, node: NodeFacts) throws -> SyncReport

    /// Applies one delta to what the last successful call left. On an error nothing has changed and `synchronise`
    /// must come next.
    mutating func apply(_ delta: ProxyDelta) throws -> SyncReport

    /// Removes everything this mode ever makes in this family; nothing left is no error.
    mutating func cleanup() throws

    /// What this mode needs of the kernel or the machine and does not find: a sentence for each, with the remedy.
    mutating func missingFeatures() throws -> [String]

    /// For poll(2): readable when the kernel tells of a change. nil for modes of which it does not: those are asked
    /// with `isIntact` about once a second.
    var notifications: CInt? { get }

    /// False when something else has changed what the last successful call left. Cheap, and never waits.
    mutating func isIntact() throws -> Bool

    /// Mends what `isIntact` found changed, where the mode knows exactly what that is; nil when only `synchronise` can
    /// find out. `state` is what the last successful calls programmed.
    mutating func repair(_ state: ProxyState) throws -> SyncReport?

    /// Does what waits for time to pass, such as the end of connections to endpoints that are gone; returns how long
    /// until it wants to be asked again, nil when nothing waits. Asked after every other call that changes anything.
    mutating func tend() throws -> Duration?

    /// True after `cleanup` while flows that conntrack knows still lead to what the mode serves, until `tend` has ended that.
    var carriesFlows: Bool { get }

    /// True when a socket of the mode itself answers the flow: no endpoint does, and yet it is not stale.
    func answers(_ flow: TrackedFlow) -> Bool

    /// Reads what the kernel holds for a service port, for `explain`. `source` asks for one client's affinity.
    mutating func audit(_ port: ServicePort, source: IPAddress?, node: NodeFacts) throws -> KernelAccount
}

extension ProxyBackend where Self: ~Copyable {
    public var notifications: CInt? { nil }
    public mutating func repair(_ state: ProxyState) throws -> SyncReport? { nil }
    public mutating func tend() throws -> Duration? { nil }
    public var carriesFlows: Bool { false }
    public func answers(_ flow: TrackedFlow) -> Bool { false }
}

/// What a synchronisation did.
public struct SyncReport: Sendable, Equatable {
    /// Objects and elements created or deleted in the kernel.
    public var operations = 0
    /// Set when left-overs could not be removed; they are harmless and tried again at the next synchronisation.
    public var cleanupFailure: String?
    /// Of modes that have rules: by table, those that were touched or all.
    public var rules: [String: RuleCount] = [:]

    public init(operations: Int = 0, cleanupFailure: String? = nil, rules: [String: RuleCount] = [:]) {
        self.operations = operations
        self.cleanupFailure = cleanupFailure
        self.rules = rules
    }
}

/// Rules of one table.
public struct RuleCount: Sendable, Equatable {
    /// That the mode keeps there.
    public var total: Int
    /// Of these, what the synchronisation wrote.
    public var written: Int

    public init(total: Int, written: Int) {
        self.total = total
        self.written = written
    }
}
