import NetTypes
import ProxyCore

/// One family of one mode, whatever the mode, on the loop's thread.
protocol FamilyProgram: AnyObject {
    var family: IPFamily { get }
    /// For poll(2): readable when the kernel tells of a change; nil where `isDisturbed` must be asked from time to time.
    var notifications: CInt? { get }
    /// When a failed synchronisation is due again; nil when all is well.
    var due: ContinuousClock.Instant? { get }
    /// How long after the last failure it is due.
    var retryDelay: Duration { get }

    /// True when something else has changed what was programmed; the next `program` puts it right. Never waits.
    func isDisturbed() -> Bool

    /// Applies the delta and mends what was disturbed, or does everything where that is needed and due.
    /// nil when there was nothing to do.
    func program(_ delta: ProxyDelta, _ state: ProxyState) throws -> Outcome?

    /// When `tend` is due; nil when nothing waits.
    var tendingDue: ContinuousClock.Instant? { get }

    /// Does what waits for time to pass; what fails is tried again.
    func tend()

    /// Flows in conntrack lead to what a mode, no longer in force, still serves.
    var carriesFlows: Bool { get }

    /// A socket of the mode itself answers the flow.
    func answers(_ flow: TrackedFlow) -> Bool

    /// True once everything has been programmed and nothing failed since.
    var isProgrammed: Bool { get }

    /// Compares everything with the kernel and throws `NotAsDesired` where that differs.
    func verify(_ state: ProxyState) throws

    func missingFeatures() throws -> [String]
    func cleanup() throws
    func audit(_ port: ServicePort, source: IPAddress?, node: NodeFacts) throws -> KernelAccount
}

/// What was programmed is not what the kernel holds.
struct NotAsDesired: Error, CustomStringConvertible {
    let operations: Int
    var description: String {
        "the kernel did not hold what was programmed (\(operations) differences); does another program change it?"
    }
}

/// What one turn of programming did.
struct Outcome {
    var report: SyncReport
    /// Everything was compared, not only what changed.
    let isFull: Bool
    /// A change had failed, so that everything was compared.
    var followsFailure = false
}
