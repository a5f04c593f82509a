import KubeAPI
import NetTypes
import Testing

@testable import ProxyCore

@Suite struct FrontendConflictTests {
    static let old = Service.make("old", created: "2026-01-01T00:00:00Z") {
        $0.spec.externalIPs = ["198.51.100.1"]
    }
    static let young = Service.make("young", created: "2026-02-01T00:00:00Z") {
        $0.spec.clusterIPs = ["10.96.0.2"]
        $0.spec.externalIPs = ["198.51.100.1"]
    }
    static let contested = Frontend(.externalIP("198.51.100.1"), 80)

    @Test func theOlderServiceWinsInAnyOrder() {
        for services in [[Self.old, Self.young], [Self.young, Self.old]] {
            let state = ProxyState.of(services)
            #expect(state.port("old")?.frontends.contains(Self.contested) == true)
            #expect(state.port("young")?.frontends == [Frontend(.clusterIP("10.96.0.2"), 80)])
        }
    }

    @Test func equalAgeIsDecidedByName() {
        var young = Self.young
        young.metadata.creationTimestamp = Self.old.metadata.creationTimestamp
        #expect(ProxyState.of([young, Self.old]).port("old")?.frontends.contains(Self.contested) == true)
    }

    @Test func theLoserIsToldOnceAndInherits() throws {
        var state = ProxyState.of([Self.old])
        let advice = state.apply(.service(Self.young)).advice
        #expect(advice.map(\.reason) == ["FrontendConflict"] && advice.first?.subject.name == name("young"))
        #expect(advice.first?.message.contains("ns/old:http") == true)
        #expect(state.advice == advice)
        #expect(state.apply(.endpointSlice(.make(of: "young", [.ready("10.1.0.1")]))).advice.isEmpty)

        let delta = state.apply(.serviceDeleted(name("old")))
        #expect(delta.servicePorts.map(\.name?.service.name) == ["old", "young"], "removal comes first")
        #expect(delta.servicePorts.last?.new?.frontends.contains(Self.contested) == true)
        #expect(state.advice.isEmpty)
    }

    @Test func anOlderServiceTakesOver() {
        var state = ProxyState.of([Self.young])
        let delta = state.apply(.service(Self.old))
        #expect(delta.servicePorts.map(\.name?.service.name) == ["young", "old"], "removal comes first")
        #expect(delta.advice.map(\.subject.name.name) == ["young"])
    }

    @Test func nodePortsConflictWithinAProtocol() {
        func service(_ name: String, _ proto: TransportProtocol, _ day: Int) -> Service {
            .make(name, created: "2026-01-0\(day)T00:00:00Z", proto: proto) {
                $0.spec.clusterIPs = [IPAddress(10, 96, 0, UInt8(day))]
                $0.spec.ports[0].nodePort = 30000
            }
        }
        let state = ProxyState.of([service("c", .tcp, 1), service("b", .tcp, 2), service("a", .udp, 3)])
        let node = Frontend(.nodePort, 30000)
        #expect(state.port("c")?.frontends.contains(node) == true)
        #expect(state.port("b")?.frontends.contains(node) == false)
        #expect(state.port("a", "http", .udp)?.frontends.contains(node) == true)
        #expect(state.servicePort(at: "192.0.2.1:30000", .tcp)?.0.name.service == name("c"))
    }

    @Test func twoPortsOfOneServiceMayConflict() {
        let service = Service.make { $0.spec.ports.append(.init(name: "again", port: 80)) }
        let state = ProxyState.of([service])
        #expect(state.port("web", "http")?.frontends.count == 1 && state.port("web", "again")?.frontends == [])
    }
}
