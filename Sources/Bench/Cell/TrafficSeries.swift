import NetTypes

extension Samples {
    /// What one client saw in one round.
    mutating func add(_ outcome: LoadOutcome, _ kind: TrafficScenario.Kind, scenario: Int, client: Int) {
        add(.rate, outcome.rate(kind), scenario, client)
        add(.p50, outcome.latencies.percentile(50) / 1e6, scenario, client)
        add(.p99, outcome.latencies.percentile(99) / 1e6, scenario, client)
        add(.p999, outcome.latencies.percentile(99.9) / 1e6, scenario, client)
        add(.failures, Double(outcome.failures), scenario, client)
    }

    mutating func add(_ series: SeriesName.Traffic, _ value: Double, _ scenario: Int, _ client: Int) {
        add(SeriesName.traffic(series, scenario: scenario, client: client), value)
    }
}

extension LoadOutcome {
    /// Answers a second; megabytes a second for bulk.
    func rate(_ kind: TrafficScenario.Kind) -> Double {
        kind == .bulk ? megabytesPerSecond : answersPerSecond
    }
}

extension TrafficScenario.Client {
    /// On the calling thread and in its namespace. `countsBackends` where echo servers of a lab answer.
    public func run(
        _ targets: [AddressPort], path: String = "/", countsBackends: Bool = false, for length: Duration
    ) throws(BenchError) -> LoadOutcome {
        guard kind != .firstPacket else { return try FirstPackets.run(targets, for: length) }
        return try LoadClient.run(
            self, targets, path: path, countsBackends: countsBackends && kind == .newConnections, for: length)
    }
}
