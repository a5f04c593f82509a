import Bench
import Glibc

/// One endpoint changed: from the event to committed rules, milliseconds. Between changes the process sleeps, as a
/// daemon does: a loop that never sleeps loses its processor to others in the middle of a change.
enum EndpointChange {
    private static let warmUp = 60
    private static let pauseMicroseconds: UInt32 = 1000

    static func run(_ size: Scenario.Size) throws -> Samples {
        let cluster = SampleCluster(services: size.services)
        var node = try ProgrammedNode()
        node.stage(cluster)
        try node.firstSync()
        var samples = Samples()
        let clock = ContinuousClock()
        for (number, (kind, event)) in EndpointChanges(cluster).prefix(size.repeats + warmUp).enumerated() {
            usleep(pauseMicroseconds)
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
