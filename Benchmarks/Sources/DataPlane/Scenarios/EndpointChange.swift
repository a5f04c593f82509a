/// One endpoint changed: from the event to committed rules, milliseconds.
enum EndpointChange {
    private static let warmUp = 60

    static func run(_ size: Scenario.Size) throws -> Samples {
        let cluster = SampleCluster(services: size.services)
        var node = try ProgrammedNode()
        node.stage(cluster)
        try node.firstSync()
        var samples = Samples()
        let clock = ContinuousClock()
        for (number, (kind, event)) in EndpointChanges(cluster).prefix(size.repeats + warmUp).enumerated() {
            let started = clock.now
            let delta = node.state.apply(event)
            let planned = clock.now
            _ = try node.backend.apply(delta)
            let ended = clock.now
            guard number >= warmUp else { continue }
            samples.add("change", (ended - started).milliseconds)
            samples.add("state", (planned - started).milliseconds)
            samples.add(kind.rawValue, (ended - started).milliseconds)
        }
        return samples
    }
}
