import Bench
import KubeAPI
import Lab
import NetTypes
import ProxyCore

/// Requests through a cluster IP against the same requests straight to the pods, both routed client, node, pod with the
/// same rules in the node. Runs alternate, so that the machine's moods meet both.
enum Throughput {
    private static let pods = 10
    /// Direct and balanced connections use different ports: otherwise they would compete for the same flows.
    private static let directPort: UInt16 = 8080
    private static let balancedPort: UInt16 = 8081
    static let modes: [TrafficScenario.Kind] = [.keepAlive, .newConnections]
    private static let virtual = AddressPort(IPAddress(10, 96, 0, 10), 80)
    /// Short, so that what else the machine does meets both runs of a round alike.
    private static let runLength = Duration.milliseconds(400)

    /// For each mode, `direct-MODE` and `vip-MODE`: requests a second, one value per round; `ratio-MODE`: those of the
    /// same round by each other; `failures-MODE`.
    static func run(_ size: Scenario.Size) throws -> Samples {
        // Threads inherit it: the servers stay here, and clients go elsewhere.
        Processor.pin(to: Processor.count - 1)
        let lab = try FlowProbe(localPods: pods, remotePods: 0, ports: [directPort, balancedPort])
        let addresses = try (1...pods).map { try lab.address(of: .pod($0)) }
        try lab.inside(.node) { try program(size.services, addresses) }
        let direct = addresses.map { AddressPort($0, directPort) }
        var samples = Samples()
        for mode in modes {
            // The first round warms up.
            for round in 0...size.repeats {
                func measure(_ targets: [AddressPort]) throws -> Double {
                    let outcome = try lab.inside(.client) {
                        Processor.pin(to: 0)
                        return try TrafficScenario.Client(mode).run(targets, for: runLength)
                    }
                    samples.add("failures-\(mode.rawValue)", Double(outcome.failures))
                    return outcome.answersPerSecond
                }
                // Which one is first alternates too.
                let isSwapped = round % 2 == 1
                let first = try measure(isSwapped ? [virtual] : direct)
                let second = try measure(isSwapped ? direct : [virtual])
                let rates = isSwapped ? (direct: second, vip: first) : (direct: first, vip: second)
                guard round > 0 else { continue }
                samples.add("direct-\(mode.rawValue)", rates.direct)
                samples.add("vip-\(mode.rawValue)", rates.vip)
                samples.add("ratio-\(mode.rawValue)", rates.vip / rates.direct)
            }
        }
        return samples
    }

    /// The Service of the pods among others. The rules stay when the proxy is gone.
    private static func program(_ services: Int, _ pods: [IPAddress]) throws {
        let clients = CIDR("10.2.0.0/24").map { [$0] } ?? []
        var node = try ProgrammedNode(podCIDRs: LabPlan.podCIDRs.filter { $0.family == .ipv4 } + clients)
        node.stage(SampleCluster(services: services - 1))
        let name = NamespacedName(namespace: "lab", name: "echo")
        node.state.stage(.service(SampleCluster.service(name, clusterIP: virtual.address)))
        node.state.stage(.endpointSlice(SampleCluster.slice(name, pods, port: balancedPort)))
        try node.firstSync()
    }
}
