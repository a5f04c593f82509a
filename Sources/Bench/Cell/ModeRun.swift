import Glibc
import Lab
import NetTypes
import ProxyCore

/// One mode in the node of a lab: programmed, changed, and with traffic through it.
struct ModeRun {
    let lab: FlowProbe
    let cluster: BenchCluster

    private static let changes = 300
    private static let changeBudget = Duration.seconds(6)
    private static let pauseMicroseconds: UInt32 = 1000
    /// How long a machine that is very busy may give no answer at all.
    private static let patience = Duration.seconds(60)

    func measure(_ backend: consuming some ProxyBackend & ~Copyable) throws -> Samples {
        if let missing = try backend.missingFeatures().first { throw BenchError(missing) }
        var samples = Samples()
        let before = ProcessUsage.memory("VmRSS")
        var state = ProxyState(node: cluster.node)
        cluster.stage(&state)
        let started = ContinuousClock.now
        state.load()
        _ = try backend.synchronise(state.servicePorts, node: state.node)
        samples.add(SeriesName.firstSync, started.duration(to: .now).seconds)
        samples.add(SeriesName.memory, ProcessUsage.memory("VmRSS") - before)
        var changes = EndpointChanges(cluster.others)
        func change() throws -> Duration {
            guard let next = changes.next() else { return .zero }
            return try ContinuousClock().measure { _ = try backend.apply(state.apply(next.event)) }
        }
        if cluster.others.services > 0 {
            samples.add(SeriesName.change, try timeChanges(change))
        }
        samples.merge(try traffic { try change() })
        try backend.cleanup()
        return samples
    }

    /// Milliseconds each. Between changes the process sleeps, as a daemon does.
    private func timeChanges(_ change: () throws -> Duration) throws -> [Double] {
        var times: [Double] = []
        _ = try change()
        let started = ContinuousClock.now
        while times.count < Self.changes, started.duration(to: .now) < Self.changeBudget || times.count < 3 {
            usleep(Self.pauseMicroseconds)
            times.append(try change().milliseconds)
        }
        return times
    }

    // MARK: Traffic

    /// All scenarios, one after the other; `change` changes an endpoint of a Service without traffic.
    func traffic(_ change: () throws -> Duration?) throws -> Samples {
        var samples = Samples()
        for index in cluster.cell.scenarios.indices { try measure(index, change, &samples) }
        return samples
    }

    private func measure(
        _ number: Int, _ change: () throws -> Duration?, _ samples: inout Samples
    ) throws {
        let scenario = cluster.cell.scenarios[number]
        // The first round warms up.
        for round in 0...scenario.rounds {
            var runs: [Bool: [TrafficRun]] = [:]
            // Which one is first alternates.
            for isDirect in round % 2 == 0 ? [true, false] : [false, true] {
                if !isDirect, cluster.cell.mode == .direct { continue }
                runs[isDirect] = try run(number, isDirect: isDirect, change)
            }
            guard round > 0 else { continue }
            for client in scenario.clients.indices {
                let direct = runs[true]?[client]
                guard let measured = runs[false]?[client] ?? direct else { continue }
                add(measured, beside: direct, scenario: number, client: client, &samples)
            }
        }
    }

    /// A run in which nothing came, neither an answer nor a refusal, measures nothing: it is repeated for a while.
    private func run(
        _ number: Int, isDirect: Bool, _ change: () throws -> Duration?
    ) throws -> [TrafficRun] {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let runs = try load(number, isDirect: isDirect, change)
            if runs.contains(where: { $0.outcome.bytes > 0 }) { return runs }
            let complaint = runs.compactMap(\.outcome.complaint).first
            guard complaint == nil, ContinuousClock.now < deadline else {
                throw BenchError(
                    "\(cluster.cell.mode.rawValue) gave no answer in '\(cluster.cell.scenarios[number].name)': "
                        + (complaint ?? "silence"))
            }
        }
    }

    private func load(
        _ number: Int, isDirect: Bool, _ change: () throws -> Duration?
    ) throws -> [TrafficRun] {
        let scenario = cluster.cell.scenarios[number]
        let length = Duration.seconds(scenario.seconds)
        let bodies = scenario.clients.map { client in
            let targets = cluster.targets(number, client.kind, isDirect: isDirect)
            let lab = lab
            return { @Sendable () throws -> LoadOutcome in
                try lab.inside(.client) {
                    Processor.pin(to: 0)
                    return try client.run(targets, countsBackends: true, for: length)
                }
            }
        }
        let before = ProcessUsage.processorTime
        let started = ContinuousClock.now
        var made = 0
        let outcomes = try SideBySide.run(bodies) {
            let due = Int(started.duration(to: .now).seconds * Double(scenario.changesPerSecond))
            while made < due {
                made += 1
                _ = try change()
            }
        }
        let processor = ProcessUsage.processorTime - before
        let answers = outcomes.reduce(0) { $0 + $1.answers }
        return outcomes.map { TrafficRun(outcome: $0, processor: processor / Double(max(1, answers)) * 1e6) }
    }

    private func add(
        _ run: TrafficRun, beside direct: TrafficRun?, scenario number: Int, client: Int, _ samples: inout Samples
    ) {
        let scenario = cluster.cell.scenarios[number]
        let kind = scenario.clients[client].kind
        samples.add(run.outcome, kind, scenario: number, client: client)
        samples.add(.processor, run.processor, number, client)
        if let direct, direct.outcome.rate(kind) > 0 {
            samples.add(.directRate, direct.outcome.rate(kind), number, client)
            samples.add(.ratio, run.outcome.rate(kind) / direct.outcome.rate(kind), number, client)
        }
        if kind == .newConnections, scenario.affinitySeconds == nil {
            let weights = scenario.weights.isEmpty ? [UInt16](repeating: 1, count: scenario.pods) : scenario.weights
            samples.add(.unevenness, Unevenness.percent(run.outcome.perBackend, weights: weights), number, client)
        }
    }
}

/// One client's part of a run.
struct TrafficRun: Sendable {
    let outcome: LoadOutcome
    /// Microseconds for each answer of all clients of the run.
    let processor: Double
}
