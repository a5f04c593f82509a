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
        #expect(scheduler { $0.affinityTimeout = 60 } == "-t 10.96.0.10:80 -s rr -p 60")
        #expect(scheduler { $0.balance = .sourceHash } == "-t 10.96.0.10:80 -s sh -b sh-fallback")
        #expect(scheduler { $0.balance = .maglev } == "-t 10.96.0.10:80 -s mh -b mh-fallback,mh-port")
        #expect(
            scheduler { $0.internalEndpoints = EndpointSet([target(1), target(2)], weights: [1, 2]) }
                == "-t 10.96.0.10:80 -s wrr")
    }

    @Test func policyLocalWithoutLocalEndpointsIsSilent() {
        let silent = program(
            port([1]) {
                $0.frontends = [Frontend(.externalIP(IPAddress(10, 3, 0, 1)), 80)]
                $0.externalPolicyIsLocal = true
            })
        let entry = silent.members.filter { $0.set == .silentOutside }.map { "\($0.key)" }
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
        #expect(Set(KubeSet.allCases.flatMap { set in IPFamily.allCases.map { set.name($0) } }).count == 36)
    }

    @Test func theRuleSetIsInsertedOnce() {
        let rules = RuleText(family: .ipv4, node: NodeFacts(name: "node"))
        #expect(rules.restore(present: "").contains("-I PREROUTING -j KUBE-IPVS-SERVICES"))
        let present = RuleText.jumps.map { "-A \($0.rule)" }.joined(separator: "\n")
        #expect(!rules.restore(present: present).contains("-I "))
        #expect(RuleText.cleanup(present: "") == nil)
    }
}
