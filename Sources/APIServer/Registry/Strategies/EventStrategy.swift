/// Events: kept for `--event-ttl`.
public struct EventStrategy: ObjectStrategy {
    public let lifetimeSeconds: Int64?

    public init(lifetimeSeconds: Int64 = 3600) { self.lifetimeSeconds = lifetimeSeconds }
}
