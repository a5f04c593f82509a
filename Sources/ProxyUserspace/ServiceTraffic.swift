import ProxyCore

/// What one service port did since the proxy began to serve it.
public struct ServiceTraffic: Sendable, Hashable {
    public let name: ServicePortName
    /// TCP connections and UDP sessions that began.
    public let connections: UInt64
    /// TCP connections that are open.
    public let open: Int
    /// Connects to another endpoint after one refused.
    public let retries: UInt64
    /// Connections for which no endpoint answered.
    public let failures: UInt64
    /// Connections above the Service's limit, reset.
    public let overLimit: UInt64
    /// Those of open TCP connections are counted once a second.
    public let bytesToEndpoints: UInt64
    public let bytesToClients: UInt64
    /// From the beginning of a connect until the endpoint had accepted.
    public let connectLatency: LatencyHistogram
    /// From the same until the connection's end.
    public let duration: LatencyHistogram

    /// Endpoints that are checked by `apus.dev/health-check`, and those of them that fail.
    public let checkedEndpoints: Int
    public let unhealthyEndpoints: Int

    init(_ name: ServicePortName, _ memory: ServiceMemory) {
        let counters = memory.counters
        self.name = name
        connections = counters.connections.load(ordering: .relaxed)
        open = counters.open.load(ordering: .relaxed)
        retries = counters.retries.load(ordering: .relaxed)
        failures = counters.failures.load(ordering: .relaxed)
        overLimit = counters.overLimit.load(ordering: .relaxed)
        bytesToEndpoints = counters.bytesToEndpoints.load(ordering: .relaxed)
        bytesToClients = counters.bytesToClients.load(ordering: .relaxed)
        (checkedEndpoints, unhealthyEndpoints) = memory.health
        (connectLatency, duration) = counters.histograms
    }
}
