import AccessControl

/// How many requests got a seat or were turned away, by level and schema.
struct FlowCounters: Sendable {
    private struct Key: Hashable {
        var level: String
        var schema: String
        /// Empty: seated.
        var rejection: String
    }

    private var counts: [Key: Int] = [:]

    mutating func count(level: String, schema: String, rejection: String?) {
        counts[Key(level: level, schema: schema, rejection: rejection ?? ""), default: 0] &+= 1
    }

    func text(_ usage: [FlowSeats<UInt64>.Usage]) -> String {
        let sorted = counts.sorted {
            ($0.key.level, $0.key.schema, $0.key.rejection) < ($1.key.level, $1.key.schema, $1.key.rejection)
        }
        func labels(_ key: Key) -> String { "flow_schema=\"\(key.schema)\",priority_level=\"\(key.level)\"" }
        return Self.metric(
            "apiserver_flowcontrol_dispatched_requests_total", "counter",
            "Number of requests executed by API Priority and Fairness subsystem",
            sorted.filter { $0.key.rejection.isEmpty }.map { (labels($0.key), $0.value) })
            + Self.metric(
                "apiserver_flowcontrol_rejected_requests_total", "counter",
                "Number of requests rejected by API Priority and Fairness subsystem",
                sorted.filter { !$0.key.rejection.isEmpty }.map {
                    (labels($0.key) + ",reason=\"\($0.key.rejection)\"", $0.value)
                })
            + gauges(usage)
    }

    private func gauges(_ usage: [FlowSeats<UInt64>.Usage]) -> String {
        func gauge(_ name: String, _ help: String, _ value: (FlowSeats<UInt64>.Usage) -> Int) -> String {
            Self.metric(name, "gauge", help, usage.map { ("priority_level=\"\($0.level)\"", value($0)) })
        }
        return gauge(
            "apiserver_flowcontrol_nominal_limit_seats", "Nominal number of execution seats of each priority level",
            \.seats)
            + gauge(
                "apiserver_flowcontrol_current_executing_seats",
                "Number of seats occupied by requests that are executed now", \.seated)
            + gauge(
                "apiserver_flowcontrol_current_inqueue_requests", "Number of requests that wait in queues now",
                \.waiting)
    }

    private static func metric(_ name: String, _ type: String, _ help: String, _ rows: [(String, Int)]) -> String {
        guard !rows.isEmpty else { return "" }
        return "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
            + rows.map { "\(name){\($0.0)} \($0.1)\n" }.joined()
    }
}
