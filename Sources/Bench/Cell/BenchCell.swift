/// One mode with one number of Services: measured in a process of its own, so that memory is its own.
public struct BenchCell: Sendable, Hashable {
    public let mode: BenchMode
    public let services: Int
    /// Of every Service that gets no traffic.
    public let endpoints: Int
    public let scenarios: [TrafficScenario]

    public init(mode: BenchMode, services: Int, endpoints: Int, scenarios: [TrafficScenario]) {
        self.mode = mode
        self.services = services
        self.endpoints = endpoints
        self.scenarios = scenarios
    }
}

/// Names of the series that a cell measures. Those of traffic begin with the numbers of scenario and client.
enum SeriesName {
    static let firstSync = "first-sync"
    static let change = "change"
    static let memory = "memory"

    enum Traffic: String, CaseIterable {
        /// A second; megabytes for bulk.
        case rate
        /// The same in the direct run of the same round.
        case directRate = "direct-rate"
        case ratio
        /// Milliseconds.
        case p50, p99, p999
        /// Microseconds of processor time of clients, servers and proxy for each answer.
        case processor
        case failures
        /// Share of connections: the largest deviation from what the weights say, percent of it.
        case unevenness
    }

    static func traffic(_ series: Traffic, scenario: Int, client: Int) -> String {
        "\(scenario)/\(client)/\(series.rawValue)"
    }
}
