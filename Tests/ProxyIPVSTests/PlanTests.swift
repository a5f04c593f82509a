import IPSet
import IPTables
import IPVS
import KubeAPI
import NetTypes
import ProxyCore
import Testing

@testable import ProxyIPVS

/// Plans as values: what is sent, in which order, and what is left to finish.
@Suite struct PlanTests {
    private static let vip = IPAddress(10, 96, 0, 10)
    private let key = VirtualServer.Key(AddressPort(vip, 80), .tcp)
    private let deadline = ContinuousClock.now

    private func target(_ number: UInt8) -> AddressPort { AddressPort(IPAddress(10, 1, 0, number), 8080) }

    private func port(_ targets: [UInt8], _ change: (inout ServicePort) -> Void = { _ in }) -> ServicePort {
        let endpoints = EndpointSet(targets.map(target))
        var port = ServicePort(
            name: ServicePortName(
                service: NamespacedName(namespace: "default", name: "web"), port: "", proto: .tcp, family: .ipv4),
            frontends: [Frontend(.clusterIP(Self.vip), 80)], internalEndpoints: endpoints,
            clusterEndpoints: endpoints, hasAnyEndpoint: !targets.isEmpty)
        change(&port)
        return port
    }

    private func program(_ port: ServicePort) -> PortProgram {
        PortProgram(port, NodeFacts(name: "node", nodePortAddresses: [IPAddress(10, 2, 0, 1)]), IPVSOptions())
    }

    private func operations(
        _ old: PortProgram, _ new: PortProgram, _ draining: inout Draining
    ) -> [String] {
        var plan = IPVSPlan(.ipv4)
        plan.change(old.servers, to: new.servers, &draining, until: deadline)
        return plan.servers.map(\.description)
    }

    @Test func anEndpointMoreIsOneOperation() {
        var draining: Draining = [:]
        let change = operations(program(port([1])), program(port([1, 2])), &draining)
        #expect(change == ["-a -t 10.96.0.10:80 -r 10.1.0.2:8080 -m -w 1"])
        #expect(draining.isEmpty)
    }

    @Test func anEndpointLessDrainsAndComesBack() {
        var draining: Draining = [:]
        let less = operations(program(port([1, 2])), program(port([1])), &draining)
        #expect(less == ["-e -t 10.96.0.10:80 -r 10.1.0.2:8080 -m -w 0"])
        #expect(draining == [key: [target(2): deadline]])
        let back = operations(program(port([1])), program(port([1, 2])), &draining)
        #expect(back == ["-e -t 10.96.0.10:80 -r 10.1.0.2:8080 -m -w 1"])
        #expect(draining.isEmpty)
    }

    @Test func nothingChangesNothing() {
        var draining: Draining = [:]
        #expect(operations(program(port([1, 2])), program(port([1, 2])), &draining) == [])
    }

    @Test func aServiceThatGoesTakesItsServer() {
        var draining: Draining = [key: [target(2): deadline]]
        #expect(operations(program(port([1])), .empty, &draining) == ["-D -t 10.96.0.10:80"])
        #expect(draining.isEmpty)
    }

    @Test func schedulersFollowTheBalance() {
        func scheduler(_ change: (inout ServicePort) -> Void) -> String? {
            program(port([1, 2], change)).servers[key].map { "\($0.server)" }
        }
        #expect(scheduler { _ in } == "-t 10.96.0.10:80 -s rr")
        #expect(scheduler { $0.affinityTimeout = 60 } == "-t 10.96.0.10:80 -s sh -p 60 -b sh-fallback")
        #expect(scheduler { $0.balance = .leastConnections } == "-t 10.96.0.10:80 -s lc")
        #expect(scheduler { $0.balance = .sourceHash } == "-t 10.96.0.10:80 -s sh -b sh-fallback")
        #expect(scheduler { $0.balance = .maglev } == "-t 10.96.0.10:80 -s mh -b mh-fallback,mh-port")
        #expect(
            scheduler { $0.internalEndpoints = EndpointSet([target(1), target(2)], weights: [1, 2]) }
                == "-t 10.96.0.10:80 -s wrr")
    }

    /// A destination that drains must not keep its clients, whom it refuses.
    @Test func schedulersThatHashFallBack() {
        func server(_ options: IPVSOptions, _ asked: IPVSScheduler? = nil, sticky: Bool = false) -> String? {
            let port = port([1, 2]) {
                $0.ipvsScheduler = asked
                $0.affinityTimeout = sticky ? 60 : nil
            }
            return PortProgram(port, NodeFacts(name: "node"), options).servers[key].map { "\($0.server)" }
        }
        #expect(server(IPVSOptions(scheduler: "sh")) == "-t 10.96.0.10:80 -s sh -b sh-fallback")
        #expect(server(IPVSOptions(scheduler: "mh")) == "-t 10.96.0.10:80 -s mh -b mh-fallback")
        #expect(server(IPVSOptions(scheduler: "sed")) == "-t 10.96.0.10:80 -s sed")
        #expect(server(IPVSOptions(), .sh) == "-t 10.96.0.10:80 -s sh -b sh-fallback")
        #expect(server(IPVSOptions(), .nq) == "-t 10.96.0.10:80 -s nq")
        #expect(server(IPVSOptions(), .nq, sticky: true) == "-t 10.96.0.10:80 -s nq -p 60")
        var poor = IPVSOptions()
        poor.missingSchedulers = [.nq]
        #expect(server(poor, .nq) == "-t 10.96.0.10:80 -s rr")
    }

    /// What else the node does at the address goes on.
    @Test func anAddressOfAnotherInterfaceIsServedAndNotTaken() {
        let node = IPAddress(10, 2, 0, 1)
        let port = port([1]) { $0.frontends.append(Frontend(.externalIP(node), 8081)) }
        let program = PortProgram(port, NodeFacts(name: "node"), IPVSOptions(), foreign: [node])
        let external = VirtualServer.Key(AddressPort(node, 8081), .tcp)
        #expect(program.servers[external] != nil)
        #expect(program.addresses == [Self.vip])
        #expect(program.members.filter { $0.set == .ipvsIPs } == [SetMember(.ipvsIPs, .ip(Self.vip))])
        #expect(program.members.contains(SetMember(.externalIP, .ipPort(node, .tcp, 8081))))
        let ownership = Ownership(.ipv4, IPVSOptions(), held: [], members: Array(program.members))
        #expect(ownership.contains(external) && ownership.contains(key))
        #expect(!ownership.contains(VirtualServer.Key(AddressPort(node, 8082), .tcp)))
        #expect(!ownership.contains(VirtualServer.Key(AddressPort(node, 8081), .udp)))
    }

    @Test func affinityHashesUnlessTheSchedulerWasChosen() {
        let sticky = port([1, 2]) { $0.affinityTimeout = 60 }
        func server(_ port: ServicePort, _ options: IPVSOptions) -> String? {
            PortProgram(port, NodeFacts(name: "node"), options).servers[key].map { "\($0.server)" }
        }
        #expect(server(sticky, IPVSOptions(scheduler: "lc")) == "-t 10.96.0.10:80 -s lc -p 60")
        // More turns than `sh` has slots.
        let weighted = port([]) {
            $0.affinityTimeout = 60
            $0.internalEndpoints = EndpointSet([target(1), target(2)], weights: [200, 100])
        }
        #expect(server(weighted, IPVSOptions()) == "-t 10.96.0.10:80 -s mh -p 60 -b mh-fallback")
    }

    /// Policy Local with the first of two endpoints here.
    private func localPort(_ change: (inout ServicePort) -> Void = { _ in }) -> ServicePort {
        port([1, 2]) {
            $0.frontends = [Frontend(.clusterIP(Self.vip), 80), Frontend(.externalIP(IPAddress(10, 3, 0, 1)), 80)]
            $0.externalPolicyIsLocal = true
            $0.localEndpoints = EndpointSet([target(1)])
            change(&$0)
        }
    }

    @Test func policyLocalGivesThoseInsideAServerOfTheirOwn() {
        let port = localPort()
        #expect(PortProgram.needsMark(port))
        var marks = FirewallMarks()
        let mark = marks.claim(port.name)
        #expect(mark.map(FirewallMarks.isOurs) == true)
        let program = PortProgram(port, NodeFacts(name: "node"), IPVSOptions(), mark: mark)
        let external = VirtualServer.Key(AddressPort(IPAddress(10, 3, 0, 1), 80), .tcp)
        #expect(program.servers[external]?.destinations == [target(1): 1])
        #expect(program.servers[.mark(mark ?? 0, .ipv4)]?.destinations == [target(1): 1, target(2): 1])
        let inside = program.members.filter { $0.set == .inside }.map(\.entry)
        #expect(inside == [SetEntry(.ipPort(IPAddress(10, 3, 0, 1), .tcp, 80), mark: mark)])
        #expect(!PortProgram.needsMark(localPort { $0.localEndpoints = .empty }))
        #expect(!PortProgram.needsMark(localPort { $0.localEndpoints = $0.clusterEndpoints }))
        #expect(!PortProgram.needsMark(localPort { $0.externalPolicyIsLocal = false }))
    }

    @Test func marksAreTheSameAfterARestartAndNeverShared() {
        func name(_ number: Int) -> ServicePortName {
            ServicePortName(
                service: NamespacedName(namespace: "default", name: "web-\(number)"), port: "", proto: .tcp,
                family: .ipv4)
        }
        var marks = FirewallMarks()
        var others = FirewallMarks()
        let all = (0..<5000).map { marks.claim(name($0)) }
        #expect(Set(all).count == 5000)
        #expect(all.allSatisfy { $0.map(FirewallMarks.isOurs) == true })
        #expect(others.claim(name(7)) == all[7])
        marks.release(name(7))
        #expect(marks[name(7)] == nil)
        #expect(marks.claim(name(7)) == all[7])
    }

    @Test func aMarkThatMovesReplacesTheOther() {
        let entry = SetEntry.Key.ipPort(Self.vip, .tcp, 80)
        var plan = IPVSPlan(.ipv4)
        plan.addedMembers = [SetMember(.inside, entry, mark: 2)]
        plan.deletedMembers = [SetMember(.inside, entry, mark: 1), SetMember(.clusterIP, entry)]
        plan.servers = [.addServer(VirtualServer(key, scheduler: "rr")), .deleteServer(key)]
        plan.order()
        #expect(plan.deletedMembers == [SetMember(.clusterIP, entry)])
        #expect(plan.servers.map(\.description) == ["-D -t 10.96.0.10:80", "-A -t 10.96.0.10:80 -s rr"])
    }

    @Test func virtualServersOfOthersAreNotOurs() {
        let members = [
            SetMember(.ipvsIPs, .ip(Self.vip)), SetMember(.nodePortLocalTCP, .port(30080)),
            SetMember(.nodePortSCTP, .ipPort(IPAddress(10, 2, 0, 1), .sctp, 30081)),
        ]
        let node = IPAddress(10, 2, 0, 1)
        let excluded = [CIDR("10.96.0.99/32")].compactMap(\.self)
        let held: Set = [IPAddress(10, 96, 0, 99), IPAddress(10, 3, 0, 1)]
        let ownership = Ownership(.ipv4, IPVSOptions(excludeCIDRs: excluded), held: held, members: members)
        let ours: [VirtualServer.Key] = [
            key, .address(AddressPort(IPAddress(10, 3, 0, 1), 80), .tcp), .address(AddressPort(node, 30080), .tcp),
            .address(AddressPort(node, 30081), .sctp), .mark(FirewallMarks.prefix | 5, .ipv4),
        ]
        let others: [VirtualServer.Key] = [
            .address(AddressPort(IPAddress(10, 96, 0, 99), 80), .tcp), .address(AddressPort(node, 30080), .udp),
            .address(AddressPort(node, 80), .tcp), .mark(17, .ipv4), .mark(FirewallMarks.prefix | 5, .ipv6),
        ]
        #expect(ours.filter(ownership.contains) == ours)
        #expect(others.filter(ownership.contains) == [])
    }

    @Test func policyLocalWithoutLocalEndpointsIsSilent() {
        let silent = program(
            port([1]) {
                $0.frontends = [Frontend(.externalIP(IPAddress(10, 3, 0, 1)), 80)]
                $0.externalPolicyIsLocal = true
            })
        let entry = silent.members.filter { $0.set == .silentOutside }.map { "\($0.entry)" }
        #expect(entry == ["10.3.0.1,tcp:80"])
        let empty = program(port([]) { $0.externalPolicyIsLocal = true })
        #expect(empty.members.allSatisfy { $0.set != .silent && $0.set != .silentOutside })
    }

    @Test func thingsThatSeveralUseStayUntilTheLast() {
        var counts = UseCounts<String>()
        #expect(counts.replace([], with: ["a"]).added == ["a"])
        #expect(counts.replace([], with: ["a"]).added == [])
        #expect(counts.replace(["a"], with: []).deleted == [])
        #expect(counts.replace(["a"], with: []).deleted == ["a"])
    }

    @Test func setNamesFitTheKernel() {
        for set in KubeSet.allCases {
            for family in IPFamily.allCases { #expect(set.name(family).utf8.count <= 31) }
        }
        #expect(Set(KubeSet.allCases.flatMap { set in IPFamily.allCases.map { set.name($0) } }).count == 40)
    }

    @Test func theRuleSetIsWrittenOnce() {
        let rules = RuleText(family: .ipv4, node: NodeFacts(name: "node"))
        for table in RuleText.tables {
            let first = rules.change(table, from: TableText())
            #expect(first.insertions == RuleText.jumps(table))
            var present = TableText(rules.chains(table))
            for jump in RuleText.jumps(table) { present.chains[jump.chain, default: []].append(jump.rule) }
            #expect(rules.change(table, from: present).isEmpty)
            let cleanup = RuleText.cleanup(table, present)
            #expect(Set(cleanup.deletions) == Set(RuleText.jumps(table)))
            #expect(cleanup.deletedChains == Set(rules.chains(table).keys))
            #expect(RuleText.cleanup(table, TableText(["KUBE-SERVICES": []])).isEmpty)
            // Of another version.
            present.chains["INPUT", default: []] += ["-j KUBE-IPVS-OLD", "-j OTHERS"]
            let old = TableChange.BaseRule("INPUT", "-j KUBE-IPVS-OLD")
            #expect(rules.change(table, from: present).deletions == [old])
            #expect(RuleText.cleanup(table, present).deletions.contains(old))
        }
    }
}
