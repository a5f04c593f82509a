/// What a client saw in one run.
public struct LoadOutcome: Sendable {
    public internal(set) var answers = 0
    public internal(set) var failures = 0
    /// Of answers, heads included.
    var bytes = 0
    var seconds = 0.0
    /// From the request, or from when it was due, to the end of its answer; with a new connection, from its first packet.
    var latencies = LatencyHistogram()
    /// Connections by the name of the echo server that took them.
    var perBackend: [String: Int] = [:]
    /// The first thing that went wrong.
    var complaint: String?

    public var answersPerSecond: Double { seconds > 0 ? Double(answers) / seconds : 0 }
    var megabytesPerSecond: Double { seconds > 0 ? Double(bytes) / seconds / 1e6 : 0 }

    mutating func fail(_ reason: String) {
        failures += 1
        if complaint == nil { complaint = reason }
    }
}
