import Glibc
import Lab
import NetTypes
import PacketFlows
import ProxyCore
import ProxyUserspace
import TestThreads
import Testing

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct UserspaceBackendTests {
    @Test func refusedConnectsAreTriedOnAnotherEndpoint() throws {
        let lab = try FlowProbe(localPods: 1, remotePods: 0)
        let engine = UserspaceEngine()
        defer { engine.stop() }
        let pod = try lab.address(of: .pod(1))
        let service = SampleService.port(.tcp, [AddressPort(pod, 8080), AddressPort(pod, 9999)])
        try lab.inside(.node) {
            var backend = try UserspaceBackend(family: .ipv4, engine: engine)
            _ = try backend.synchronise([service], node: SampleService.node)
        }
        for _ in 0..<6 {
            #expect(
                try lab.run(Probe(.tcp, SampleService.address, timeout: .seconds(5)), from: .client).backend == "pod-1")
        }
        let traffic = try #require(engine.traffic.first)
        #expect(traffic.connections == 6 && traffic.retries > 0 && traffic.failures == 0)
    }

    @Test func openConnectionsOutliveTheirEndpointAndAreDrained() throws {
        let lab = try FlowProbe(localPods: 2, remotePods: 0)
        let engine = UserspaceEngine()
        defer { engine.stop() }
        let old = SampleService.port(.tcp, [AddressPort(try lab.address(of: .pod(1)), 8080)])
        let new = SampleService.port(.tcp, [AddressPort(try lab.address(of: .pod(2)), 8080)])
        try lab.inside(.node) {
            var backend = try UserspaceBackend(family: .ipv4, engine: engine)
            _ = try backend.synchronise([old], node: SampleService.node)
            do {
                let connections = try LongConnections(lab, [SampleService.address], count: 3)
                _ = try backend.apply(SampleService.change(old, new))
                #expect(connections.broken() == [])
                let outcome = try lab.run(Probe(.tcp, SampleService.address, timeout: .seconds(5)), from: .client)
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
        let service = SampleService.port(.udp, [AddressPort(try lab.address(of: .pod(1)), 8080)])
        try lab.inside(.node) {
            var backend = try UserspaceBackend(family: .ipv4, engine: engine)
            _ = try backend.synchronise([service], node: SampleService.node)
            try NftWitness.run("flush ruleset")
            let isIntact = try backend.isIntact()
            #expect(!isIntact)
            #expect(try backend.synchronise([service], node: SampleService.node).operations > 0)
            #expect(try backend.audit(service, source: nil, node: SampleService.node).isAsDesired)
            let outcome = try lab.run(Probe(.udp, SampleService.address, timeout: .seconds(5)), from: .client)
            #expect(outcome.backend == "pod-1")
            try backend.cleanup()
            #expect(try NftWitness.run("list ruleset").isEmpty)
        }
    }
}
