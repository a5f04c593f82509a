import Bench
import NetTypes
import Nftables
import ProxyCore
import ProxyNftables

/// From nothing to a programmed kernel, with the memory it takes.
enum FirstSync {
    static func run(_ size: Scenario.Size) throws -> Samples {
        var samples = Samples()
        var node = try ProgrammedNode()
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
        for _ in 0..<size.repeats { samples.add("repair", try repair(&node)) }
        return samples
    }

    /// Something else takes an element away and empties a chain: from the notification to the commit that puts it right.
    private static func repair(_ node: inout ProgrammedNode) throws -> Double {
        var other = try NftablesSession()
        let table = TableID(.ipv4, "kube-proxy")
        guard let port = node.state.servicePorts.first(where: { _ in true }), let ip = port.frontends[0].address.ip
        else {
            throw BenchError("no Service to take from")
        }
        var key = RegisterBytes()
        key.append(ip)
        key.append(port.name.proto)
        key.append(port: port.frontends[0].port)
        key.append(hostOrder: 0)
        try other.apply(
            Transaction(
                table,
                [.deleteElements(set: "service-endpoints", [SetElement(key: key)]), .flushChain("masquerading")]))
        let started = ContinuousClock.now
        guard !node.backend.isIntact(), let report = try node.backend.repair(node.state), report.operations > 1 else {
            throw BenchError("what another program changed was not mended")
        }
        return (ContinuousClock.now - started).seconds
    }

    /// Reads the whole table back, as a restarted daemon does. What the kernel holds must be all that was wanted.
    private static func resync(_ node: inout ProgrammedNode) throws -> Double {
        let started = ContinuousClock.now
        let report = try node.backend.synchronise(node.state.servicePorts, node: node.state.node)
        guard report.operations == 0 else {
            throw BenchError("the kernel differed in \(report.operations) objects after the first synchronisation")
        }
        return (ContinuousClock.now - started).seconds
    }
}
