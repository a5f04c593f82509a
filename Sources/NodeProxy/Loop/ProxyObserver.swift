import KubeAPI
import NetTypes
import ProxyCore

/// Hears what the proxy loop does, on its thread: metrics, health, logs, Events. Must not block.
public protocol ProxyObserver: Sendable {
    /// Inputs were taken in and wait to be programmed.
    func queued(services: Int, endpointSlices: Int)
    /// A family's kernel objects are what the state asks for.
    func programmed(_ result: Programmed)
    /// A family could not be programmed; it is tried again.
    func failed(_ family: IPFamily, _ error: any Error, retryAfter: Duration)
    /// Something else changed our objects; they were put right.
    func repaired(_ family: IPFamily, operations: Int)
    func malformed(_ kind: ObjectKind, _ name: NamespacedName?, reason: String)
    func advise(_ advice: [Advice])
    /// The state after programming: the node (nil while unknown or gone), counts, families that are not yet
    /// programmed, and health checks if they or their addresses changed.
    func settled(_ node: Node?, _ counts: ProxyCounts, failed: Set<IPFamily>, healthChecks: ServedHealthChecks?)
    /// Conntrack entries to endpoints that are gone were deleted.
    func deletedFlows(count: Int, duration: Duration)
    func couldNotDeleteFlows(_ error: any Error)
    /// The mode in force at the start; `choice` says why `auto` took it.
    func began(_ mode: ProxyMode, choice: String?)
    func switched(_ change: ModeChange)
    /// The mode in force stays.
    func failedToSwitch(to mode: ProxyMode, _ error: any Error)
    /// Something that another mode left could not be removed.
    func couldNotCleanUp(_ reason: String)
}

/// Each observer hears what it is for.
extension ProxyObserver {
    public func queued(services: Int, endpointSlices: Int) {}
    public func programmed(_ result: Programmed) {}
    public func failed(_ family: IPFamily, _ error: any Error, retryAfter: Duration) {}
    public func repaired(_ family: IPFamily, operations: Int) {}
    public func malformed(_ kind: ObjectKind, _ name: NamespacedName?, reason: String) {}
    public func advise(_ advice: [Advice]) {}
    public func settled(
        _ node: Node?, _ counts: ProxyCounts, failed: Set<IPFamily>, healthChecks: ServedHealthChecks?
    ) {}
    public func deletedFlows(count: Int, duration: Duration) {}
    public func couldNotDeleteFlows(_ error: any Error) {}
    public func began(_ mode: ProxyMode, choice: String?) {}
    public func switched(_ change: ModeChange) {}
    public func failedToSwitch(to mode: ProxyMode, _ error: any Error) {}
    public func couldNotCleanUp(_ reason: String) {}
}

/// The health checks to serve, and where.
public struct ServedHealthChecks: Sendable, Hashable {
    public let checks: [HealthCheck]
    /// The node-port addresses; nil: every address.
    public let addresses: [IPAddress]?

    public init(_ checks: [HealthCheck], on addresses: [IPAddress]?) {
        self.checks = checks
        self.addresses = addresses
    }
}

/// One successful synchronisation or change.
public struct Programmed: Sendable {
    public let family: IPFamily
    /// Everything was compared, not only what changed.
    public let isFull: Bool
    public let duration: Duration
    /// From the oldest input's arrival to the commit; nil when nothing came in.
    public let latency: Duration?
    /// When the endpoints' changes were made, in nanoseconds since 1970 (annotation
    /// endpoints.kubernetes.io/last-change-trigger-time).
    public let triggers: [Int64]
    public let report: SyncReport
    /// A change had failed, so that everything was compared.
    var followsFailure = false
}
