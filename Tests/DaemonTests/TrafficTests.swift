import Conntrack
import Glibc
import KubeAPI
import Lab
import NetTypes
import PacketFlows
import TestThreads
import Testing

/// The daemon as a whole: objects in, packets balanced.
@Suite(
    .ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"), .timeLimit(.minutes(30)))
struct TrafficTests {
    @Test(arguments: DaemonLab.Input.allCases) func answersAndFollowsEndpoints(input: DaemonLab.Input) async throws {
        let lab = try await DaemonLab(input)
        try lab.apply(Objects.service(), lab.slice("web", .pod(1), .pod(2)))
        try lab.run()
        try lab.waitForBackends(["pod-1", "pod-2"])
        #expect(try lab.request(.udp).backend?.hasPrefix("pod-") == true)
        try lab.apply(lab.slice("web", .pod(3), .remote(1)))
        try lab.waitForBackends(["pod-3", "remote-1"])
        try lab.delete(Objects.service())
        try lab.wait("the Service to be gone") { try lab.request(timeout: .milliseconds(300)).backend == nil }
        #expect(try lab.stop() == 0)
        await lab.cluster.stop()
    }

    /// A client that keeps its source port would otherwise talk to the address that is gone for as long as it sends.
    @Test(arguments: DaemonLab.Input.allCases) func udpFlowsFollowAServiceScaledToZeroAndBack(
        input: DaemonLab.Input
    ) async throws {
        let lab = try await DaemonLab(input)
        try lab.apply(Objects.service(), lab.slice("web", .pod(1)))
        try lab.run()
        let source = AddressPort(try lab.address(.client), 40001)
        try lab.wait("the first reply") { try lab.request(.udp, source: source).backend == "pod-1" }
        #expect(try lab.udpFlows(to: .pod(1)) > 0)
        try lab.apply(lab.slice())
        try lab.wait("a refusal") { try lab.request(.udp, source: source, timeout: .milliseconds(300)) == .refused }
        #expect(try lab.udpFlows(to: .pod(1)) == 0)
        try lab.apply(lab.slice("web", .pod(2)))
        try lab.wait("the new endpoint") {
            try lab.request(.udp, source: source, timeout: .milliseconds(300)).backend == "pod-2"
        }
        #expect(try lab.udpFlows(to: .pod(1)) == 0)
        await lab.cluster.stop()
    }

    /// The client's second SYN goes to an endpoint that is there.
    @Test func aConnectionUnansweredByAVanishedEndpointGoesElsewhere() async throws {
        let lab = try await DaemonLab()
        // Nobody has this address, and nobody says so.
        try lab.apply(Objects.service(), Objects.slice("web", [IPAddress(10, 1, 1, 250)]))
        try lab.run()
        let silence = try lab.request(timeout: .milliseconds(200))
        try #require(silence == .timeout)
        let load = SteadyLoad(lab.probe, [(from: .client, probe: Probe(.tcp, DaemonLab.target, timeout: .seconds(20)))])
        // One is left of the request before.
        try lab.wait("a second flow that waits") { try lab.flows { $0.tcpState == .synSent } > 1 }
        try lab.apply(lab.slice("web", .pod(2)))
        load.wait(for: 1)
        let outcomes = try load.stop()
        #expect(outcomes.first?.backend == "pod-2")
        #expect(try lab.flows { $0.tcpState == .synSent && $0.endpoint.address == IPAddress(10, 1, 1, 250) } == 0)
    }

    @Test(arguments: [(DaemonLab.Input.manifests, "nftables"), (.api, "nftables"), (.manifests, "iptables")])
    func nobodyNoticesARestart(input: DaemonLab.Input, mode: String) async throws {
        let lab = try await DaemonLab(input)
        try lab.configure(mode: mode)
        try lab.apply(Objects.service(nodePort: 30080), lab.slice("web", .pod(1), .pod(2), .remote(1)))
        try lab.run()
        let nodePort = AddressPort(try lab.address(.node), 30080)
        let targets = [DaemonLab.target, nodePort]
        let connections = try LongConnections(lab.probe, targets, count: 10)
        let batch = targets.flatMap { target in
            [TransportProtocol.tcp, .udp].map {
                (from: FlowProbe.Location.client, probe: Probe($0, target, timeout: .seconds(5)))
            }
        }
        let load = SteadyLoad(lab.probe, batch)
        load.wait(for: 50)
        for _ in 0..<3 {
            #expect(try lab.stop() == 0)
            load.wait(for: 50)
            let rules = try lab.nft("list ruleset 2>/dev/null")
            #expect(rules.contains(mode == "nftables" ? "table ip kube-proxy {" : "chain KUBE-SERVICES"))
            try lab.run()
            load.wait(for: 50)
            #expect(connections.broken() == [])
        }
        let outcomes = try load.stop()
        #expect(outcomes.count >= 300)
        #expect(outcomes.filter { $0.backend == nil } == [])
        #expect(connections.broken() == [])
        await lab.cluster.stop()
    }

    /// Node ports answer on loopback only where a prefix asks for it.
    @Test func nodePortsAnswerOnTheChosenAddressesAlone() async throws {
        let lab = try await DaemonLab(configuration: "nodePortAddresses: [10.2.0.0/24, 127.0.0.0/8]")
        try lab.apply(Objects.service(nodePort: 30080), lab.slice("web", .pod(1)))
        try lab.run()
        let node = AddressPort(try lab.address(.node), 30080)
        let loopback = AddressPort(IPAddress(127, 0, 0, 1), 30080)
        try lab.waitForBackends(["pod-1"], node)
        #expect(try lab.request(.tcp, loopback, from: .node).backend == "pod-1")
        #expect(try lab.nft("list chain ip kube-proxy filter-prerouting").contains("ip daddr 127.0.0.0/8 drop"))
        try lab.configure("nodePortAddresses: [127.0.0.0/8]")
        try lab.wait("the node's address to be left alone") {
            try lab.request(.tcp, node, timeout: .milliseconds(300)).backend == nil
        }
        #expect(try lab.request(.tcp, loopback, from: .node).backend == "pod-1")
    }
}

extension DaemonLab {
    /// How many connections the node tracks that are so.
    func flows(_ isMeant: (Flow) -> Bool) throws -> Int {
        try probe.inside(.node) {
            var socket = try ConntrackSocket()
            var count = 0
            try socket.forEach { if isMeant($0) { count += 1 } }
            return count
        }
    }

    func udpFlows(to location: FlowProbe.Location) throws -> Int {
        let address = try address(location)
        return try flows {
            $0.proto == .udp && $0.endpoint.address == address && $0.original.destination == Self.clusterIP
        }
    }
}
