import KubeAPI

/// One service port before and after an event; nil where it does not exist. Never equal on both sides.
public struct ServicePortChange: Sendable {
    public let old: ServicePort?
    public let new: ServicePort?

    public init(old: ServicePort?, new: ServicePort?) {
        self.old = old
        self.new = new
    }

    public var name: ServicePortName? { new?.name ?? old?.name }
}

/// What an event changed: the input of a backend's plan. Cost follows its size, never the table's.
public struct ProxyDelta: Sendable {
    public var servicePorts: [ServicePortChange] = []
    /// Set when facts of the node changed.
    public var node: (old: NodeFacts, new: NodeFacts)?
    public var healthChecks: [HealthCheckChange] = []
    /// Flows that conntrack must forget once the rest is programmed.
    public var staleFlows: [StaleFlows] = []
    /// What people should be told, each thing once as long as it lasts.
    public var advice: [Advice] = []

    public init() {}

    public var isEmpty: Bool {
        changesNoRules && healthChecks.isEmpty && staleFlows.isEmpty && advice.isEmpty
    }

    /// True when a backend has nothing to do.
    public var changesNoRules: Bool { servicePorts.isEmpty && node == nil }
}
