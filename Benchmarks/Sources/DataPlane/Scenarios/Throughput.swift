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
    private static let virtual = AddressPort(IPAddress(10, 96, 0, 10), 80)
    private static let runLength = Duration.seconds(2)

    /// For each mode, `direct-MODE` and `vip-MODE`: requests a second, one value per round.
    static func run(_ size: Scenario.Size) throws -> Samples {
        let lab = try FlowProbe(localPods: pods, remotePods: 0, ports: [directPort, balancedPort])
        let addresses = try (1...pods).map { try lab.address(of: .pod($0)) }
        let clients = CIDR("10.2.0.0/24").map { [$0] } ?? []
        try lab.inside(.node) {
            var node = try ProgrammedNode(podCIDRs: LabPlan.podCIDRs.filter { $0.family == .ipv4 } + clients)
            node.stage(SampleCluster(services: size.services - 1))
            let name = NamespacedName(namespace: "lab", name: "echo")
            node.state.stage(.service(SampleCluster.service(name, clusterIP: virtual.address)))
            node.state.stage(.endpointSlice(SampleCluster.slice(name, addresses, port: balancedPort)))
            try node.firstSync()
        }
        let direct = addresses.map { AddressPort($0, directPort) }
        var samples = Samples()
        for mode in LoadClient.Mode.allCases {
            for round in 0...size.repeats {
                for (name, targets) in [("direct", direct), ("vip", [virtual])] {
                    let outcome = try lab.inside(.client) { try LoadClient(mode, targets).run(for: runLength) }
                    // The first round warms up.
                    guard round > 0 else { continue }
                    samples.add("\(name)-\(mode.rawValue)", outcome.perSecond)
                    samples.add("\(name)-\(mode.rawValue)-failures", Double(outcome.failures))
                }
            }
        }
        return samples
    }
}
