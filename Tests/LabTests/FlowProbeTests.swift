import Glibc
import NetTypes
import TestThreads
import Testing

@testable import Lab

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: it makes network namespaces"))
struct FlowProbeTests {
    private let patience = Duration.seconds(5)

    @Test func everyPlaceReachesEveryOther() throws {
        let lab = try FlowProbe()
        let places: [FlowProbe.Location] = [.client, .node, .pod(1), .pod(2), .pod(3), .remote(1), .remote(2)]
        var probes: [(from: FlowProbe.Location, probe: Probe)] = []
        var expected: [String] = []
        for from in places {
            for to in places {
                for (family, proto) in [(IPFamily.ipv4, TransportProtocol.tcp), (.ipv6, .udp), (.ipv6, .tcp)] {
                    let target = AddressPort(try lab.address(of: to, family), to == .node ? 9376 : 8080)
                    probes.append((from, Probe(proto, target, timeout: patience)))
                    expected.append(to.description)
                }
            }
        }
        let outcomes = try lab.run(probes)
        #expect(outcomes.map(\.backend) == expected)
        for (probe, outcome) in zip(probes, outcomes) where probe.from != .node {
            #expect(outcome.peer == (try lab.address(of: probe.from, probe.probe.target.address.family)))
        }
    }

    @Test func severalSourceAddresses() throws {
        let lab = try FlowProbe(localPods: 1, remotePods: 0)
        for source in lab.plan.clientAddresses {
            let target = AddressPort(try lab.address(of: .pod(1), source.family), 8080)
            for proto in [TransportProtocol.tcp, .udp] {
                let probe = Probe(proto, target, from: AddressPort(source, 0), timeout: patience)
                #expect(try lab.run(probe, from: .client).peer == source)
            }
        }
        let target = AddressPort(lab.plan.nodeAddresses[2], 9376)
        #expect(try lab.run(Probe(.tcp, target, timeout: patience), from: .client).backend == "node")
    }

    @Test func refusalAndSilenceDiffer() throws {
        let lab = try FlowProbe(localPods: 1, remotePods: 0)
        for family in IPFamily.allCases {
            let closed = AddressPort(try lab.address(of: .pod(1), family), 9)
            let nowhere = AddressPort(family == .ipv4 ? IPAddress(10, 96, 0, 10) : LabPlan.serviceCIDRs[1].last, 80)
            for proto in [TransportProtocol.tcp, .udp] {
                for from in [FlowProbe.Location.client, .node] {
                    #expect(try lab.run(Probe(proto, closed, timeout: patience), from: from) == .refused)
                    #expect(try lab.run(Probe(proto, nowhere), from: from) == .timeout)
                }
            }
        }
    }

    @Test func manyRefusalsAreNotRateLimited() throws {
        let lab = try FlowProbe(localPods: 1, remotePods: 0)
        for family in IPFamily.allCases {
            let probe = Probe(.udp, AddressPort(try lab.address(of: .pod(1), family), 9), timeout: patience)
            let outcomes = try lab.run(Array(repeating: (from: .client, probe: probe), count: 300))
            #expect(outcomes.count { $0 == .refused } == 300)
        }
    }

    /// What a proxy does, by hand: the lab carries translated flows from everywhere, hairpins too.
    @Test(.enabled(if: access("/usr/sbin/nft", X_OK) == 0, "needs nft to translate addresses"))
    func translatedFlowsComeBack() throws {
        let lab = try FlowProbe()
        let rules = """
            add table inet t
            add chain inet t pre { type nat hook prerouting priority -100; }
            add chain inet t out { type nat hook output priority -100; }
            add chain inet t post { type nat hook postrouting priority 100; }
            add chain inet t translate
            add rule inet t pre jump translate
            add rule inet t out jump translate
            add rule inet t translate ip daddr 10.96.0.10 tcp dport 80 dnat ip to 10.1.0.2:8080
            add rule inet t translate ip6 daddr fd00:96::a udp dport 80 dnat ip6 to [fd00:1::2]:8080
            add rule inet t post ip saddr 10.1.0.2 ip daddr 10.1.0.2 masquerade
            add rule inet t post ip6 saddr fd00:1::2 ip6 daddr fd00:1::2 masquerade
            """
        let pid = try lab.namespace(of: .node).spawn("/usr/sbin/nft", [rules])
        var status: CInt = 0
        waitpid(pid, &status, 0)
        try #require(status == 0)
        let targets = [
            (TransportProtocol.tcp, AddressPort(IPAddress(10, 96, 0, 10), 80)),
            (.udp, AddressPort(IPAddress(high: 0xfd00_0096_0000_0000, low: 10), 80)),
        ]
        for (proto, target) in targets {
            for from in [FlowProbe.Location.client, .node, .pod(1), .pod(2), .remote(1)] {
                let outcome = try lab.run(Probe(proto, target, timeout: patience), from: from)
                #expect(outcome.backend == "pod-1", "from \(from): \(outcome)")
                // A pod that reaches itself sees the node, everyone else is seen as they are.
                let expected =
                    from == .pod(1) ? LabPlan.podGateways : [try lab.address(of: from, target.address.family)]
                if from != .node { #expect(outcome.peer.map(expected.contains) == true, "\(from): \(outcome)") }
            }
        }
    }

    @Test func startsQuickly() throws {
        let start = ContinuousClock.now
        let lab = try FlowProbe()
        let elapsed = ContinuousClock.now - start
        #expect(try lab.run(Probe(.udp, AddressPort(lab.address(of: .pod(1)), 8080)), from: .node).backend == "pod-1")
        #expect(elapsed < .seconds(5), "took \(elapsed)")
    }

    @Test func anUnknownPlaceIsNamed() throws {
        let lab = try FlowProbe(localPods: 1, remotePods: 0)
        #expect(throws: FlowProbeError.noSuchPlace("pod-7")) { _ = try lab.address(of: .pod(7)) }
        #expect(throws: FlowProbeError.noSuchPlace("remote-1")) { try lab.inside(.remote(1)) {} }
    }
}
