import Glibc
import KubeAPI
import Lab
import NetTypes
import PacketFlows
import ProxyCore
import ProxyUserspace
import TestThreads
import Testing

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct UserspaceBackendTests {
    private static let address = AddressPort(IPAddress(10, 96, 0, 7), 80)
    private static let node = NodeFacts(name: "node")

    /// A Service on one cluster IP with these endpoints.
    private func port(_ proto: TransportProtocol = .tcp, _ endpoints: [AddressPort]) -> ServicePort {
        let set = EndpointSet(endpoints.sorted())
        return ServicePort(
            name: ServicePortName(
                service: NamespacedName(namespace: "lab", name: "web"), port: "", proto: proto, family: .ipv4),
            frontends: [Frontend(.clusterIP(Self.address.address), Self.address.port)], internalEndpoints: set,
            clusterEndpoints: set, hasAnyEndpoint: !endpoints.isEmpty, balance: .roundRobin)
    }

    private func change(_ old: ServicePort, _ new: ServicePort) -> ProxyDelta {
        var delta = ProxyDelta()
        delta.servicePorts = [ServicePortChange(old: old, new: new)]
        return delta
    }

    @Test func refusedConnectsAreTriedOnAnotherEndpoint() throws {
        let lab = try FlowProbe(localPods: 1, remotePods: 0)
        let engine = UserspaceEngine()
        defer { engine.stop() }
        let pod = try lab.address(of: .pod(1))
        let service = port(.tcp, [AddressPort(pod, 8080), AddressPort(pod, 9999)])
        try lab.inside(.node) {
            var backend = try UserspaceBackend(family: .ipv4, engine: engine)
            _ = try backend.synchronise([service], node: Self.node)
        }
        for _ in 0..<6 {
            #expect(try lab.run(Probe(.tcp, Self.address, timeout: .seconds(5)), from: .client).backend == "pod-1")
        }
        let traffic = try #require(engine.traffic.first)
        #expect(traffic.connections == 6 && traffic.retries > 0 && traffic.failures == 0)
    }

    @Test func openConnectionsOutliveTheirEndpointAndAreDrained() throws {
        let lab = try FlowProbe(localPods: 2, remotePods: 0)
        let engine = UserspaceEngine()
        defer { engine.stop() }
        let old = port(.tcp, [AddressPort(try lab.address(of: .pod(1)), 8080)])
        let new = port(.tcp, [AddressPort(try lab.address(of: .pod(2)), 8080)])
        try lab.inside(.node) {
            var backend = try UserspaceBackend(family: .ipv4, engine: engine)
            _ = try backend.synchronise([old], node: Self.node)
            do {
                let connections = try LongConnections(lab, [Self.address], count: 3)
                _ = try backend.apply(change(old, new))
                #expect(connections.broken() == [])
                let outcome = try lab.run(Probe(.tcp, Self.address, timeout: .seconds(5)), from: .client)
                #expect(outcome.backend == "pod-2")
                engine.stopAccepting()
                #expect(connections.broken() == [])
                let isDrained = engine.drain(deadline: .now)
                #expect(!isDrained)
            }
            let isDrained = engine.drain(deadline: .now + .seconds(10))
            #expect(isDrained)
        }
    }

    @Test func whatOthersFlushIsNoticedAndMended() throws {
        let lab = try FlowProbe(localPods: 1, remotePods: 0)
        let engine = UserspaceEngine()
        defer { engine.stop() }
        let service = port(.udp, [AddressPort(try lab.address(of: .pod(1)), 8080)])
        try lab.inside(.node) {
            var backend = try UserspaceBackend(family: .ipv4, engine: engine)
            _ = try backend.synchronise([service], node: Self.node)
            try NftWitness.run("flush ruleset")
            let isIntact = backend.isIntact()
            #expect(!isIntact)
            #expect(try backend.synchronise([service], node: Self.node).operations > 0)
            #expect(try backend.audit(service, source: nil, node: Self.node).isAsDesired)
            let outcome = try lab.run(Probe(.udp, Self.address, timeout: .seconds(5)), from: .client)
            #expect(outcome.backend == "pod-1")
            try backend.cleanup()
            #expect(try NftWitness.run("list ruleset").isEmpty)
        }
    }
}
