/// From nothing to a programmed kernel, with the memory it takes.
enum FirstSync {
    static func run(_ size: Scenario.Size) throws -> Samples {
        var samples = Samples()
        var node = try ProgrammedNode()
        samples.add("rss-empty", ProcessUsage.memory("VmRSS"))
        let clock = ContinuousClock()
        samples.add("stage", clock.measure { node.stage(SampleCluster(services: size.services)) }.seconds)
        let processor = ProcessUsage.processorTime
        let load = clock.measure { node.state.load() }
        let sync = try clock.measure {
            _ = try node.backend.synchronise(node.state.servicePorts, node: node.state.node)
        }
        samples.add("load", load.seconds)
        samples.add("sync", (load + sync).seconds)
        samples.add("cpu", ProcessUsage.processorTime - processor)
        samples.add("rss", ProcessUsage.memory("VmRSS"))
        samples.add("rss-peak", ProcessUsage.memory("VmHWM"))
        samples.add("resync", try resync(&node))
        return samples
    }

    /// Reads the whole table back, as a restarted daemon does. What the kernel holds must be all that was wanted.
    private static func resync(_ node: inout ProgrammedNode) throws -> Double {
        let started = ContinuousClock.now
        let report = try node.backend.synchronise(node.state.servicePorts, node: node.state.node)
        guard report.operations == 0 else {
            throw BenchmarkError("the kernel differed in \(report.operations) objects after the first synchronisation")
        }
        return (ContinuousClock.now - started).seconds
    }
}
