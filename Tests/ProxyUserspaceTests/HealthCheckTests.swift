import Glibc
import Lab
import NetTypes
import PacketFlows
import ProxyCore
import TestThreads
import Testing

@testable import ProxyUserspace

@Suite struct EndpointHealthTests {
    private func states(_ outcomes: [Bool]) -> [Bool] {
        var health = EndpointHealth()
        return outcomes.map {
            _ = health.saw(success: $0)
            return health.isHealthy
        }
    }

    @Test func threeFailuresInARowFallTwoSuccessesRise() {
        #expect(states([false, false, true, false, false]) == [true, true, true, true, true])
        #expect(
            states([false, false, false, true, false, true, true]) == [true, true, false, false, false, false, true])
        var health = EndpointHealth()
        #expect([false, false, false, false].map { health.saw(success: $0) } == [false, false, true, false])
    }

    @Test(
        arguments: [
            ("HTTP/1.1 200 OK\r\n", true), ("HTTP/1.0 399", true), ("HTTP/1.1 404 Not Found", false),
            ("HTTP/1.1 503", false), ("HTTP/1.1 20", nil), ("HTTP/1.", nil), ("", nil), ("HTTP/2.0 200", false),
            ("SSH-2.0-x", false), ("HTTP/1.1 2x0", false), ("HTTP/1.1 099", false),
        ] as [(String, Bool?)])
    func answersAreJudgedByTheirStatus(answer: String, success: Bool?) {
        #expect(HTTPCheck.isSuccess(Array(answer.utf8)) == success)
    }

    @Test func requestsNameTheEndpoint() throws {
        let endpoint = AddressPort(try #require(IPAddress("fd00::1")), 8080)
        #expect(
            String(decoding: HTTPCheck.request("/ready", endpoint), as: UTF8.self)
                .hasPrefix("GET /ready HTTP/1.1\r\nHost: [fd00::1]:8080\r\n"))
    }
}

@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces"))
struct HealthCheckTests {
    private let lab: FlowProbe
    private let engine = UserspaceEngine()

    init() throws { lab = try FlowProbe(localPods: 2, remotePods: 0) }

    private func service(_ endpoints: [AddressPort], _ kind: ActiveCheck.Kind) -> ServicePort {
        SampleService.port(.tcp, endpoints) {
            var tuning = UserspaceTuning()
            tuning.healthCheck = ActiveCheck(kind, interval: 1)
            $0.userspace = tuning
        }
    }

    private var unhealthy: Int? { engine.traffic.first?.unhealthyEndpoints }

    @Test func anEndpointThatRefusesIsNotChosenUntilAllDo() throws {
        defer { engine.stop() }
        let good = AddressPort(try lab.address(of: .pod(1)), 8080)
        let bad = AddressPort(try lab.address(of: .pod(2)), 9999)
        try lab.inside(.node) {
            var backend = try UserspaceBackend(family: .ipv4, engine: engine)
            _ = try backend.synchronise([service([good, bad], .tcp)], node: SampleService.node)
            let hasFallen = SampleService.eventually { unhealthy == 1 }
            #expect(hasFallen && engine.traffic.first?.checkedEndpoints == 2)
            for _ in 0..<4 {
                let outcome = try lab.run(
                    Probe(.tcp, SampleService.address, timeout: .seconds(5)), from: .client)
                #expect(outcome.backend == "pod-1")
            }
            // None was tried in vain.
            #expect(engine.traffic.first?.retries == 0)
            // Checks end with the annotation, and what they said is forgotten.
            let plain = SampleService.port(.tcp, [good, bad])
            _ = try backend.apply(SampleService.change(service([good, bad], .tcp), plain))
            let isForgotten = SampleService.eventually { unhealthy == 0 && engine.traffic.first?.checkedEndpoints == 0 }
            #expect(isForgotten)
        }
    }

    @Test func endpointsAreAskedForAPage() throws {
        defer { engine.stop() }
        let server = try PodServer(lab, .pod(1))
        try SampleService.program(service([server.address], .http(path: "/ready")), engine, in: lab)
        func answer(_ status: String, until goal: Int) throws -> Bool {
            for _ in 0..<10 where unhealthy != goal {
                let connection = try server.accept()
                #expect(String(decoding: connection.read(15), as: UTF8.self) == "GET /ready HTTP")
                connection.write("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n")
                usleep(50_000)
            }
            return unhealthy == goal
        }
        let hasFallen = try answer("500 no", until: 1)
        #expect(hasFallen)
        let hasRisen = try answer("204 yes", until: 0)
        #expect(hasRisen)
    }
}
