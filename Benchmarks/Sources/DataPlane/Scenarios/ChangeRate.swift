import Bench
import Glibc

/// A thousand changes a second on a fixed schedule. Time counts from when a change was due, so that a proxy that falls
/// behind shows it.
enum ChangeRate {
    private static let perSecond = 1000

    static func run(_ size: Scenario.Size) throws -> Samples {
        let cluster = SampleCluster(services: size.services)
        var node = try ProgrammedNode()
        node.stage(cluster)
        try node.firstSync()
        var samples = Samples()
        let clock = ContinuousClock()
        let interval = Duration.microseconds(1_000_000 / perSecond)
        let processor = ProcessUsage.processorTime
        let started = clock.now
        var due = started
        var latencies: [Double] = []
        for (_, event) in EndpointChanges(cluster).prefix(size.repeats * perSecond) {
            due += interval
            let early = due - clock.now
            if early > .zero { usleep(UInt32(early.milliseconds * 1000)) }
            try node.apply(event)
            latencies.append((clock.now - due).milliseconds)
        }
        let elapsed = (clock.now - started).seconds
        samples.add("latency", latencies)
        samples.add("rate", Double(latencies.count) / elapsed)
        samples.add("cpu-percent", (ProcessUsage.processorTime - processor) / elapsed * 100)
        return samples
    }
}
