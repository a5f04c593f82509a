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
}
