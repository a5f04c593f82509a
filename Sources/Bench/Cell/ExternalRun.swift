import NetTypes

/// The traffic of scenarios to an address that somebody else serves, from the calling thread's namespace. First packets
/// are left out: what answers UDP there is not known.
enum ExternalRun {
    static func measure(_ target: BenchRunner.Target, _ scenarios: [TrafficScenario]) throws -> Samples {
        var samples = Samples()
        for (number, scenario) in scenarios.enumerated() {
            let clients = scenario.clients.indices.filter { scenario.clients[$0].kind != .firstPacket }
            let bodies = clients.map { index in
                { @Sendable () throws -> LoadOutcome in
                    try scenario.clients[index].run(
                        [target.address], path: target.path, for: .seconds(scenario.seconds))
                }
            }
            // The first round warms up.
            for round in 0...scenario.rounds {
                let outcomes = try SideBySide.run(bodies) {}
                if let silent = outcomes.first(where: { $0.bytes == 0 }) {
                    throw BenchError("\(target.address) gave no answer: \(silent.complaint ?? "silence")")
                }
                for (index, outcome) in zip(clients, outcomes) where round > 0 {
                    samples.add(outcome, scenario.clients[index].kind, scenario: number, client: index)
                }
            }
        }
        return samples
    }
}
