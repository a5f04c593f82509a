import Glibc
import Lab
import NetTypes
import PacketFlows
import TestThreads
import Testing

/// Changing the mode under load: nobody notices, and nothing of the old mode is left.
@Suite(
    .ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"), .timeLimit(.minutes(30)))
struct ModeTests {
    enum Way: CaseIterable { case configuration, command, restart }

    /// Every ordered pair of the modes that this kernel has, by every way.
    static let cases: [(from: String, to: String, way: Way)] = modes.flatMap { from in
        modes.filter { $0 != from }.flatMap { to in Way.allCases.map { (from, to, $0) } }
    }.filter {
        // What the userspace mode carries ends with its process.
        !($0.from == "userspace" && $0.way == .restart)
    }

    static let modes = ["nftables", "iptables", "userspace"]

    @Test(arguments: cases) func nobodyNoticesASwitch(from: String, to: String, way: Way) async throws {
        try Self.switchUnderLoad(try await DaemonLab(), from, to, way)
    }

    /// On a node whose kubelet uses iptables-legacy.
    @Test(arguments: [("nftables", "iptables"), ("iptables", "nftables"), ("iptables", "userspace")])
    func nobodyNoticesASwitchWithLegacyTables(from: String, to: String) async throws {
        let lab = try await DaemonLab()
        for program in ["iptables", "ip6tables"] {
            #expect(try lab.node("\(program)-legacy -t mangle -N KUBE-IPTABLES-HINT") == "")
        }
        try Self.switchUnderLoad(lab, from, to, .command)
    }

    private static let clusterIP6 = IPAddress(high: 0xfd00_0096_0000_0000, low: 0x10)

    private static func switchUnderLoad(_ lab: DaemonLab, _ from: String, _ to: String, _ way: Way) throws {
        try lab.configure("nodePortAddresses: [primary]", mode: from)
        let pods: [FlowProbe.Location] = [.pod(1), .pod(2), .remote(1)]
        try lab.apply(
            Objects.service(
                spec: [
                    "clusterIPs": [.string("\(DaemonLab.clusterIP)"), .string("\(clusterIP6)")],
                    "ipFamilies": ["IPv4", "IPv6"],
                ], nodePort: 30080), lab.slice("web", .pod(1), .pod(2), .remote(1)),
            Objects.slice("web", pods.map { try lab.probe.address(of: $0, .ipv6) }, .ipv6))
        try lab.run()
        #expect(try lab.get("/proxyMode").hasSuffix(from))
        let targets = [DaemonLab.target, AddressPort(try lab.address(.node), 30080), AddressPort(clusterIP6, 80)]
        let connections = try LongConnections(lab.probe, targets, count: 10)
        let batch = targets.flatMap { target in
            [TransportProtocol.tcp, .udp].map {
                (from: FlowProbe.Location.client, probe: Probe($0, target, timeout: .seconds(5)))
            }
        }
        let load = SteadyLoad(lab.probe, batch)
        load.wait(for: 50)
        try change(lab, to: to, way)
        try lab.wait("mode \(to)") { try lab.get("/proxyMode").hasSuffix(to) }
        try lab.wait("the rules of \(from) to be gone") { try !programmed(lab).contains(from) }
        load.wait(for: 50)
        #expect(try programmed(lab) == [to])
        let outcomes = try load.stop()
        // Batch after batch, in order.
        let lost = outcomes.enumerated().filter { $0.element.backend == nil }.map {
            "connection \($0.offset): \(batch[$0.offset % batch.count].probe): \($0.element)"
        }
        #expect(lost == [])
        #expect(connections.broken() == [])
        try lab.waitForBackends(["pod-1", "pod-2", "remote-1"])
    }

    private static func change(_ lab: DaemonLab, to mode: String, _ way: Way) throws {
        switch way {
        case .configuration: try lab.configure("nodePortAddresses: [primary]", mode: mode)
        case .command:
            let (status, output) = try lab.command(["proxy", "switch", mode])
            #expect(status == 0)
            #expect(output.hasPrefix("switched from ") && output.contains(" to \(mode) in "))
        case .restart:
            #expect(try lab.stop() == 0)
            try lab.configure("nodePortAddresses: [primary]", mode: mode)
            try lab.run()
        }
    }

    /// The modes whose objects the kernel holds.
    private static func programmed(_ lab: DaemonLab) throws -> Set<String> {
        let legacy = try lab.node("iptables-legacy-save").contains(":KUBE-SERVICES") ? "chain KUBE-SERVICES" : ""
        let ruleset = try lab.nft("list ruleset 2>/dev/null") + legacy
        return Set(
            [
                ("nftables", "table ip kube-proxy {"), ("iptables", "chain KUBE-SERVICES"),
                ("userspace", "table ip kube-proxy-userspace {"),
            ].filter { ruleset.contains($0.1) }.map(\.0))
    }

    @Test func whatCannotBeIsRefusedAndTheModeStays() async throws {
        let lab = try await DaemonLab()
        try lab.apply(Objects.service(), lab.slice("web", .pod(1)))
        try lab.run()
        let unknown = try lab.command(["proxy", "switch", "warp"])
        #expect(unknown.status != 0)
        #expect(unknown.output.contains("there is no mode 'warp'; the modes there are: "))
        let missing = try lab.command(["proxy", "switch", "ipvs"])
        #expect(missing.status == 1)
        #expect(!missing.output.contains("Usage"))
        #expect(missing.output.contains("cannot switch to ipvs, the mode stays: "))
        #expect(try lab.get("/proxyMode").hasSuffix("nftables"))
        try lab.waitForBackends(["pod-1"])
    }

    /// Where the configuration says nothing of them, they follow the mode in force.
    @Test func nodePortsAnswerWhereTheModeInForceHasThem() async throws {
        let lab = try await DaemonLab()
        try lab.node("ip address add 10.2.9.1/32 dev lo")
        try lab.apply(Objects.service(nodePort: 30080), lab.slice("web", .pod(1)))
        try lab.run()
        func answers(_ address: IPAddress) throws -> Bool {
            let target = AddressPort(address, 30080)
            return try lab.request(.tcp, target, from: .node, timeout: .milliseconds(500)).backend == "pod-1"
        }
        func expect(_ isEverywhere: Bool) throws {
            for address in [IPAddress(10, 2, 9, 1), IPAddress(127, 0, 0, 1)] {
                try lab.wait("\(address) to answer: \(isEverywhere)") { try answers(address) == isEverywhere }
            }
            #expect(try answers(lab.address(.node)))
        }
        try expect(false)
        #expect(try lab.command(["proxy", "switch", "iptables"]).status == 0)
        try expect(true)
        // The file names another mode than the one in force.
        let pod = try lab.address(.pod(1))
        try lab.configure("iptables: {masqueradeAll: true}")
        try lab.apply(lab.slice("web", .remote(1)))
        try lab.wait("masquerading") { try lab.request(from: .pod(1)).peer.map { $0 != pod } == true }
        try lab.apply(lab.slice("web", .pod(1)))
        try expect(true)
        #expect(try lab.command(["proxy", "switch", "nftables"]).status == 0)
        try expect(false)
    }

    /// The end of the iptables mode takes back what the kernel needs for them.
    @Test func loopbackAnswersAfterASwitch() async throws {
        let lab = try await DaemonLab()
        try lab.configure("nodePortAddresses: [127.0.0.0/8, 10.2.0.0/24]", mode: "iptables")
        try lab.apply(Objects.service(nodePort: 30080), lab.slice("web", .pod(1)))
        try lab.run()
        let loopback = AddressPort(IPAddress(127, 0, 0, 1), 30080)
        for mode in ["iptables", "nftables"] {
            if mode == "nftables" { #expect(try lab.command(["proxy", "switch", mode]).status == 0) }
            try lab.wait("an answer in \(mode)") {
                try lab.request(.tcp, loopback, from: .node, timeout: .milliseconds(500)).backend == "pod-1"
            }
        }
    }

    /// The rest of the same file is taken up, and the mode is asked for again with the next change.
    @Test func aModeOfTheFileThatCannotBeIsToldAndTheRestHolds() async throws {
        let lab = try await DaemonLab()
        try lab.apply(Objects.service(), lab.slice("web", .remote(1)))
        try lab.run()
        let pod = try lab.address(.pod(1))
        try lab.wait("the pod to be seen") { try lab.request(from: .pod(1)).peer == pod }
        try lab.configure("nftables: {masqueradeAll: true}", mode: "ipvs")
        try lab.wait("masquerading") { try lab.request(from: .pod(1)).peer.map { $0 != pod } == true }
        try lab.wait("the refusal") { lab.log.contains("cannot switch the mode; the one in force stays") }
        try lab.wait("the mode that stays") { try lab.get("/configz").contains("\"mode\":\"nftables\"") }
        try lab.configure(mode: "ipvs")
        try lab.wait("the pod to be seen again") { try lab.request(from: .pod(1)).peer == pod }
        try lab.wait("the second refusal") { lab.log.split(separator: "cannot switch the mode").count == 3 }
        #expect(try lab.get("/proxyMode").hasSuffix("nftables"))
    }

    @Test func autoSaysWhatItTookAndCleanupLeavesNothing() async throws {
        let lab = try await DaemonLab()
        try lab.configure(mode: "auto")
        try lab.apply(Objects.service(), lab.slice("web", .pod(1)))
        try lab.run()
        #expect(try lab.get("/proxyMode").hasSuffix("nftables"))
        #expect(lab.log.contains("because=\"it is the best mode"))
        _ = try lab.command(["proxy", "switch", "iptables"])
        #expect(try lab.stop() == 0)
        #expect(try Self.programmed(lab) == ["iptables"])
        #expect(try lab.command(["proxy", "--cleanup"]).status == 0)
        #expect(try Self.programmed(lab) == [])
    }
}
