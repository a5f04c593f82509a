/// From the series of a cell to the numbers of the report.
extension BenchValue {
    static func values(
        of contender: String, services: Int?, _ samples: Samples, _ scenarios: [TrafficScenario]
    ) -> [BenchValue] {
        var values: [BenchValue] = []
        func add(_ metric: BenchMetric, _ series: [Double], at percentile: Double = 50) {
            guard let statistics = Statistics(series) else { return }
            values.append(
                BenchValue(
                    contender: contender, services: services, metric: metric, statistics: statistics,
                    percentile: percentile))
        }
        add(BenchMetric("first synchronisation", "s", .less, isWide: true), samples[SeriesName.firstSync])
        let changes = samples[SeriesName.change]
        add(BenchMetric("one endpoint changed, median", "ms", .less, isWide: true), changes)
        add(BenchMetric("one endpoint changed, p99", "ms", .less, isWide: true), changes, at: 99)
        add(BenchMetric("memory of the proxy's state", "MiB", .less), samples[SeriesName.memory])
        for (number, scenario) in scenarios.enumerated() {
            for (index, client) in scenario.clients.enumerated() {
                let title = scenario.clients.count > 1 ? "\(scenario.name), \(client.kind.rawValue)" : scenario.name
                for (series, metric) in metrics(title, client.kind) {
                    let values = samples[SeriesName.traffic(series, scenario: number, client: index)]
                    if series == .failures, !values.contains(where: { $0 > 0 }) { continue }
                    add(metric, values)
                }
            }
        }
        return values
    }

    private static func metrics(
        _ title: String, _ kind: TrafficScenario.Kind
    ) -> [(SeriesName.Traffic, BenchMetric)] {
        let failures = (
            SeriesName.Traffic.failures, BenchMetric("\(title): failures", "", .less, isPlotted: false)
        )
        func latency(_ series: SeriesName.Traffic, _ name: String, _ unit: String) -> (SeriesName.Traffic, BenchMetric)
        {
            (series, BenchMetric("\(title): \(name)", unit, .less))
        }
        switch kind {
        case .bulk:
            return [
                (.rate, BenchMetric("\(title): bytes", "MB/s", .more)),
                (.ratio, BenchMetric("\(title): of direct", "×", .more)), failures,
            ]
        case .firstPacket:
            return [latency(.p50, "p50", "ms"), latency(.p99, "p99", "ms"), failures]
        case .keepAlive, .newConnections:
            return [
                (.rate, BenchMetric("\(title): answers", "/s", .more)),
                (.ratio, BenchMetric("\(title): of direct", "×", .more)),
                latency(.p50, "p50", "ms"), latency(.p99, "p99", "ms"), latency(.p999, "p99.9", "ms"),
                latency(.processor, "processor time of an answer", "µs"),
                (.unevenness, BenchMetric("\(title): unevenness", "%", .less, isPlotted: false)), failures,
            ]
        }
    }
}
