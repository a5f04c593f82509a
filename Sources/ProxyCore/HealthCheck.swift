import KubeAPI

/// What a health-check node port answers: 200 while there are local endpoints, 503 otherwise.
public struct HealthCheck: Hashable, Sendable {
    public let service: NamespacedName
    /// The `healthCheckNodePort`, never 0.
    public let port: UInt16
    /// Ready endpoints on this node, each address once; in dual stack those of the family that has more.
    public let localEndpoints: Int

    public init(service: NamespacedName, port: UInt16, localEndpoints: Int) {
        self.service = service
        self.port = port
        self.localEndpoints = localEndpoints
    }
}

/// A health check before and after an event; nil where there is none.
public struct HealthCheckChange: Hashable, Sendable {
    public let old: HealthCheck?
    public let new: HealthCheck?

    public init(old: HealthCheck?, new: HealthCheck?) {
        self.old = old
        self.new = new
    }
}
