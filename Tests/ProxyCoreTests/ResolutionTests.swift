import KubeAPI
import NetTypes
import Testing

@testable import ProxyCore

@Suite struct ResolutionTests {
    static let slice = EndpointSlice.make([.ready("10.1.0.1", node: "here"), .ready("10.1.0.2", node: "n1")])

    // MARK: Which objects count

    static let foreign: [(String, Service)] = [
        ("another proxy's", .make(labels: ["service.kubernetes.io/service-proxy-name": "other"])),
        ("headless", .make { $0.spec.isHeadless = true }),
        ("without an address yet", .make { $0.spec.clusterIPs = [] }),
        ("an external name", .make { $0.spec.kind = .externalName }),
    ]

    @Test(arguments: 0..<4)
    func ignoresForeignServices(index: Int) {
        let (what, service) = Self.foreign[index]
        #expect(ProxyState.of([service], [Self.slice]).counts.services == 0, "\(what)")
        // One that stops being ours is gone.
        var state = ProxyState.of([.make()], [Self.slice])
        let delta = state.apply(.service(service))
        #expect(delta.servicePorts.count == 1 && delta.servicePorts[0].new == nil, "\(what)")
    }

    @Test(arguments: ["headless", "fqdn", "no service"])
    func ignoresForeignSlices(what: String) throws {
        var slice = Self.slice
        switch what {
        case "headless": slice.metadata.labels["service.kubernetes.io/headless"] = ""
        case "fqdn": slice.addressType = .fqdn
        default: slice.metadata.labels = [:]
        }
        let port = try #require(ProxyState.of([.make()], [slice]).port())
        #expect(port.clusterEndpoints.isEmpty && !port.hasAnyEndpoint)
        var state = ProxyState.of([.make()], [Self.slice])
        #expect(state.apply(.endpointSlice(slice)).servicePorts.first?.new == port)
    }

    @Test func objectsArriveInAnyOrder() {
        var first = ProxyState(node: .here)
        #expect(first.apply(.endpointSlice(Self.slice)).servicePorts.isEmpty)
        #expect(first.apply(.service(.make())).servicePorts.first?.new?.clusterEndpoints.count == 2)
        var second = ProxyState(node: .here)
        #expect(second.apply(.service(.make())).servicePorts.first?.new?.clusterEndpoints.count == 0)
        #expect(second.apply(.endpointSlice(Self.slice)).servicePorts.first?.new?.clusterEndpoints.count == 2)
        #expect(first.port() == second.port())
    }

    @Test func anUnchangedObjectChangesNothing() {
        var state = ProxyState.of([.make()], [Self.slice])
        #expect(state.apply(.service(.make())).isEmpty)
        #expect(state.apply(.endpointSlice(Self.slice)).isEmpty)
        #expect(state.apply(.node(.here)).isEmpty)
        #expect(state.apply(.serviceDeleted(name("other"))).isEmpty)
        #expect(state.apply(.endpointSliceDeleted(name("other"))).isEmpty)
    }

    @Test func aSliceMayMoveToAnotherService() {
        var state = ProxyState.of([.make(), .make("api") { $0.spec.clusterIPs = ["10.96.0.2"] }], [Self.slice])
        let delta = state.apply(.endpointSlice(.make(of: "api", Self.slice.endpoints)))
        #expect(delta.servicePorts.count == 2)
        #expect(state.port()?.hasAnyEndpoint == false && state.port("api")?.hasAnyEndpoint == true)
    }

    // MARK: Frontends

    @Test func listsEveryAddressOnce() throws {
        let service = Service.external {
            $0.spec.clusterIPs = ["10.96.0.1", "fd96::1"]
            $0.spec.externalIPs += ["fd07::1", "203.0.113.1", "10.96.0.1"]
            $0.loadBalancerIngress += [.init(ip: "203.0.113.2", isVIP: false), .init(ip: "fd08::1")]
        }
        let state = ProxyState.of([service])
        #expect(
            state.port()?.frontends == [
                Frontend(.clusterIP("10.96.0.1"), 80), Frontend(.externalIP("198.51.100.1"), 80),
                Frontend(.loadBalancerIP("203.0.113.1"), 80), Frontend(.nodePort, 30080),
            ])
        #expect(
            state.port("web", "http", .tcp, .ipv6)?.frontends == [
                Frontend(.clusterIP("fd96::1"), 80), Frontend(.externalIP("fd07::1"), 80),
                Frontend(.loadBalancerIP("fd08::1"), 80), Frontend(.nodePort, 30080),
            ])
    }

    @Test func aFamilyWithoutClusterIPIsNotServed() {
        let service = Service.external { $0.spec.externalIPs = ["fd07::1"] }
        #expect(ProxyState.of([service]).port("web", "http", .tcp, .ipv6) == nil)
    }

    @Test(arguments: TransportProtocol.allCases)
    func portsMatchByNameAndProtocol(proto: TransportProtocol) throws {
        let slice = EndpointSlice.make(
            [.ready("10.1.0.1")],
            ports: [.init(name: "http", proto: .tcp, port: 1), .init(name: "http", proto: .udp, port: 2)])
        let port = try #require(ProxyState.of([.make(proto: proto)], [slice]).port("web", "http", proto))
        #expect(port.clusterEndpoints.text == (proto == .tcp ? ["10.1.0.1:1"] : proto == .udp ? ["10.1.0.1:2"] : []))
    }

    @Test func aPortWithoutNumberIsSkipped() {
        let slice = EndpointSlice.make([.ready("10.1.0.1")], ports: [.init(name: "http", port: nil)])
        #expect(ProxyState.of([.make()], [slice]).port()?.hasAnyEndpoint == false)
    }

    @Test func bothFamiliesHaveTheirEndpoints() {
        let state = ProxyState.of(
            [.make { $0.spec.clusterIPs.append("fd96::1") }],
            [Self.slice, .make("web-2", [.ready("fd01::1")], type: .ipv6)])
        #expect(state.port()?.clusterEndpoints.addresses == ["10.1.0.1", "10.1.0.2"])
        #expect(state.port("web", "http", .tcp, .ipv6)?.clusterEndpoints.text == ["[fd01::1]:8080"])
    }

    // MARK: Policies

    @Test func internalLocalUsesLocalEndpoints() throws {
        let port = try #require(ProxyState.of([.make { $0.spec.internalTrafficPolicy = .local }], [Self.slice]).port())
        #expect(port.internalPolicyIsLocal && port.internalEndpoints.addresses == ["10.1.0.1"])
        #expect(port.clusterEndpoints.isEmpty && port.hasAnyEndpoint)
    }

    @Test func externalLocalNeedsAnExternalAddress() {
        let service = Service.make { $0.spec.externalTrafficPolicy = .local }
        #expect(ProxyState.of([service], [Self.slice]).port()?.externalPolicyIsLocal == false)
        #expect(ProxyState.of([.external(policy: .local)], [Self.slice]).port()?.externalPolicyIsLocal == true)
    }

    @Test func hairpinsAreEndpointsThatMayRunHere() {
        let slice = EndpointSlice.make([
            .ready("10.1.0.1", node: "here"), .ready("10.1.0.2", node: "n1"), .ready("10.1.0.3"),
            .unready("10.1.0.4", node: "here"), .terminating("10.1.0.5", node: "here"),
        ])
        #expect(ProxyState.of([.make()], [slice]).port()?.hairpinAddresses == ["10.1.0.1", "10.1.0.3"])
        // A local one that only policy Local uses counts as well.
        let fallback = EndpointSlice.make([.ready("10.1.0.2", node: "n1"), .terminating("10.1.0.5", node: "here")])
        #expect(ProxyState.of([.external(policy: .local)], [fallback]).port()?.hairpinAddresses == ["10.1.0.5"])
    }

    @Test func affinityHasItsTimeout() {
        let service = Service.make { $0.spec.clientIPAffinityTimeout = 10800 }
        #expect(ProxyState.of([service]).port()?.affinityTimeout == 10800)
        #expect(ProxyState.of([.make()]).port()?.affinityTimeout == nil)
    }

    // MARK: Source ranges

    @Test(
        arguments: [
            ([], nil), (["10.0.0.0/8"], ["10.0.0.0/8"]), (["0.0.0.0/0"], nil), (["fd00::/8"], []),
            (["10.1.0.0/16", "10.0.0.0/8", "10.0.0.0/8"], ["10.0.0.0/8"]),
            // Allowing the node allows the load balancer's own address.
            (["192.0.2.0/24"], ["192.0.2.0/24", "203.0.113.1/32"]),
        ] as [([CIDR], [CIDR]?)])
    func sourceRangesAreTheFamilys(ranges: [CIDR], expected: [CIDR]?) throws {
        let service = Service.external { $0.spec.loadBalancerSourceRanges = ranges }
        #expect(try #require(ProxyState.of([service]).port()).sourceRanges == expected)
    }

    @Test func sourceRangesNeedSomethingToGuard() {
        let service = Service.make {
            $0.spec.ports[0].nodePort = 30080
            $0.spec.loadBalancerSourceRanges = ["10.0.0.0/8"]
        }
        #expect(ProxyState.of([service]).port()?.sourceRanges == nil)
        var guarded = service
        guarded.metadata.annotations["apus.dev/source-ranges-node-port"] = "true"
        let port = ProxyState.of([guarded]).port()
        #expect(port?.sourceRanges == ["10.0.0.0/8"] && port?.sourceRangesGuardNodePort == true)
    }

    // MARK: Annotations

    @Test(arguments: BalanceAlgorithm.allCases)
    func balanceIsAnAnnotation(algorithm: BalanceAlgorithm) {
        let state = ProxyState.of([.make(annotations: ["apus.dev/balance": algorithm.rawValue])])
        #expect(state.port()?.balance == algorithm && state.advice.isEmpty)
        #expect(state.port()?.choosesBalance == true && ProxyState.of([.make()]).port()?.choosesBalance == false)
    }

    @Test func theUserspaceModeIsTunedByAnnotations() {
        func tuning(_ annotations: [String: String]) -> UserspaceTuning? {
            let state = ProxyState.of([.make(annotations: annotations)])
            #expect(state.advice.isEmpty)
            return state.port()?.userspace
        }
        #expect(tuning([:]) == nil && tuning(["apus.dev/preserve-client-ip": "false"]) == nil)
        #expect(tuning(["apus.dev/max-connections": "100"])?.maxConnections == 100)
        #expect(tuning(["apus.dev/proxy-protocol": "v2"])?.proxyProtocol == .v2)
        #expect(tuning(["apus.dev/preserve-client-ip": "true"])?.preservesClientIP == true)
        #expect(tuning(["apus.dev/health-check": "tcp"])?.healthCheck == ActiveCheck(.tcp, interval: 5))
        #expect(
            tuning(["apus.dev/health-check": "http:/ready?x=1", "apus.dev/health-check-interval": "30s"])?.healthCheck
                == ActiveCheck(.http(path: "/ready?x=1"), interval: 30))
    }

    @Test func aServiceMayNameASchedulerOfIPVS() {
        func state(_ text: String) -> ProxyState { .of([.make(annotations: ["apus.dev/ipvs-scheduler": text])]) }
        #expect(state("sed").servicePorts.map(\.ipvsScheduler) == [.sed])
        #expect(state("sed").advice.isEmpty && state("sed").advice(for: .ipvsScheduler).isEmpty)
        #expect(state("sed").advice(for: .sctp).map(\.reason) == ["UnsupportedByMode"])
        #expect(state("fair").servicePorts.map(\.ipvsScheduler) == [nil])
        #expect(state("fair").advice.map(\.reason) == ["InvalidAnnotation"])
    }

    @Test func whoseSCTPPortsAreNotServedIsTold() {
        let state = ProxyState.of([.make(proto: .sctp)])
        #expect(state.advice(for: .sctp).isEmpty)
        #expect(state.advice(for: []).first?.message.contains("SCTP ports are not served") == true)
    }

    @Test func whatTheModeCannotDoIsSaidOnce() {
        var state = ProxyState.of([
            .make(annotations: ["apus.dev/balance": "least-connections", "apus.dev/proxy-protocol": "v1"])
        ])
        #expect(state.advice(for: [.leastConnections, .userspaceTuning]).isEmpty)
        #expect(state.advice(for: []).map(\.reason) == ["UnsupportedByMode", "UnsupportedByMode"])
        #expect(state.advice(for: [.userspaceTuning]).first?.message.contains("random is used") == true)
        let more = Service.make(annotations: ["apus.dev/balance": "least-connections"]) {
            $0.spec.clientIPAffinityTimeout = 10
        }
        let delta = state.apply(.service(more))
        #expect(delta.servicePorts.count == 1 && state.advice(for: [], on: delta).isEmpty)
        let other = state.apply(
            .service(
                .make("other", annotations: ["apus.dev/max-connections": "9"]) { $0.spec.clusterIPs = ["10.96.0.2"] }))
        let advice = state.advice(for: [], on: other)
        #expect(advice.map(\.subject.name.name) == ["other"] && advice.first?.subject.uid == "uid-other")
    }

    @Test(
        arguments: [
            ("", [], nil), ("10.1.0.1=3", [3, 1], nil), ("10.1.0.1=6, 10.1.0.2=4", [3, 2], nil),
            ("10.1.0.1=5,10.1.0.2=5", [], nil), ("10.1.0.1:8080=2,10.1.0.1=9", [2, 1], nil),
            ("10.1.0.1:81=2", [], nil), ("10.1.0.1=0", [], ["10.1.0.2:8080"]), ("10.1.0.1=0,10.1.0.2=0", [], []),
            ("10.1.0.9=7", [], nil),
        ] as [(String, [UInt16], [String]?)])
    func weightsAreAnAnnotation(text: String, weights: [UInt16], endpoints: [String]?) throws {
        let state = ProxyState.of([.make(annotations: ["apus.dev/weights": text])], [Self.slice])
        let set = try #require(state.port()).clusterEndpoints
        #expect(set.weights == weights && set.text == (endpoints ?? ["10.1.0.1:8080", "10.1.0.2:8080"]))
        #expect(state.advice.isEmpty)
    }

    @Test func aSliceHasAWeight() throws {
        let heavy = EndpointSlice.make("web-2", [.ready("10.1.0.3")], annotations: ["apus.dev/weight": "4"])
        let state = ProxyState.of(
            [.make(annotations: ["apus.dev/weights": "10.1.0.1=2,10.1.0.2=2"])], [Self.slice, heavy])
        #expect(state.port()?.clusterEndpoints.weights == [1, 1, 2])
    }

    @Test(arguments: [
        ("apus.dev/balance", "fair", "UnknownBalance"), ("apus.dev/weights", "10.1.0.1", "InvalidWeight"),
        ("apus.dev/weights", "web=1", "InvalidWeight"), ("apus.dev/weights", "10.1.0.1=-1", "InvalidWeight"),
        ("apus.dev/weights", "10.1.0.1=65536", "InvalidWeight"), ("apus.dev/weights", "10.1.0.1=1=2", "InvalidWeight"),
        ("apus.dev/weights", "10.1.0.1=", "InvalidWeight"),
        ("apus.dev/source-ranges-node-port", "yes", "InvalidAnnotation"),
        ("apus.dev/max-connections", "0", "InvalidAnnotation"),
        ("apus.dev/max-connections", "+5", "InvalidAnnotation"),
        ("apus.dev/proxy-protocol", "v3", "InvalidAnnotation"),
        ("apus.dev/preserve-client-ip", "1", "InvalidAnnotation"),
        ("apus.dev/health-check", "http:ready", "InvalidAnnotation"),
        ("apus.dev/health-check", "http:/a b", "InvalidAnnotation"),
    ])
    func badAnnotationsAreSaidOnce(key: String, value: String, reason: String) throws {
        var state = ProxyState(node: .here)
        let service = Service.make(annotations: [key: value])
        let advice = try #require(state.apply(.service(service)).advice.first)
        #expect(advice.reason == reason && advice.message.contains(value) && advice.subject.uid == "uid-web")
        #expect(state.port()?.balance == .random && state.port()?.userspace == nil)
        var changed = service
        changed.spec.clientIPAffinityTimeout = 10
        #expect(state.apply(.service(changed)).advice.isEmpty)
        #expect(state.apply(.endpointSlice(Self.slice)).servicePorts.first?.new?.clusterEndpoints.weights == [])
    }

    @Test func aBadWeightOfASliceIsSaidOfTheSlice() throws {
        var state = ProxyState.of([.make()])
        let slice = EndpointSlice.make([.ready("10.1.0.1")], annotations: ["apus.dev/weight": "many"])
        let advice = try #require(state.apply(.endpointSlice(slice)).advice.first)
        #expect(advice.subject.kind == "EndpointSlice" && advice.subject.name == name("web-1"))
    }

    // MARK: Facts of the node

    @Test func factsTouchOnlyThoseWhoLook() {
        var state = ProxyState.of(
            [
                .make(), .make("zoned") { $0.spec.clusterIPs = ["10.96.0.2"] },
                .external {
                    $0.metadata.name = "guarded"
                    $0.spec.clusterIPs = ["10.96.0.3"]
                    $0.spec.loadBalancerSourceRanges = ["192.0.2.0/24"]
                },
            ],
            [
                Self.slice,
                .make("z", of: "zoned", [.ready("10.1.0.1", zones: ["a"]), .ready("10.1.0.2", zones: ["b"])]),
            ])
        var node = NodeFacts.here
        node.zone = "b"
        var delta = state.apply(.node(node))
        #expect(delta.servicePorts.map(\.name?.service.name) == ["zoned"] && delta.node?.old.zone == "a")
        node.localAddresses = []
        delta = state.apply(.node(node))
        #expect(delta.servicePorts.map(\.name?.service.name) == ["guarded"])
        node.name = "n1"
        delta = state.apply(.node(node))
        #expect(delta.servicePorts.map(\.name?.service.name) == ["web"])
        node.masqueradeAll = true
        delta = state.apply(.node(node))
        #expect(delta.servicePorts.isEmpty && delta.node != nil)
    }

    // MARK: Health checks and counts

    @Test func healthChecksCountLocalReadyEndpoints() throws {
        let service = Service.external(policy: .local) { $0.spec.healthCheckNodePort = 31000 }
        var state = ProxyState.of([service])
        #expect(state.healthChecks == [HealthCheck(service: name("web"), port: 31000, localEndpoints: 0)])
        #expect(state.servicePorts.map(\.healthCheckNodePort) == [31000])
        let delta = state.apply(
            .endpointSlice(
                .make([
                    .ready("10.1.0.1", node: "here"), .ready("10.1.0.2", node: "n1"),
                    .unready("10.1.0.3", node: "here"),
                    .terminating("10.1.0.4", node: "here"),
                ])))
        #expect(delta.healthChecks.map(\.new?.localEndpoints) == [1])
        // The same address in another slice is the same endpoint.
        #expect(state.apply(.endpointSlice(.make("web-2", [.ready("10.1.0.1", node: "here")]))).healthChecks.isEmpty)
        #expect(state.apply(.serviceDeleted(name("web"))).healthChecks.map(\.new) == [nil])
    }

    @Test func healthChecksNeedPolicyLocalAndALoadBalancer() {
        let cluster = ProxyState.of([.external { $0.spec.healthCheckNodePort = 31000 }])
        #expect(cluster.healthChecks.isEmpty)
        #expect(cluster.servicePorts.map(\.healthCheckNodePort) == [nil])
        let service = Service.external(policy: .local) {
            $0.spec.healthCheckNodePort = 31000
            $0.spec.kind = .nodePort
        }
        #expect(ProxyState.of([service]).healthChecks.isEmpty)
    }

    @Test func countsServicesWithoutLocalEndpoints() {
        let service = Service.external(policy: .local) { $0.spec.internalTrafficPolicy = .local }
        var state = ProxyState.of([service], [.make([.ready("10.1.0.1", node: "n1")])])
        #expect(state.counts.noLocalEndpointsInternal == 1 && state.counts.noLocalEndpointsExternal == 1)
        #expect(state.counts.services == 1 && state.counts.endpoints == 1 && state.counts.endpointSlices == 1)
        _ = state.apply(.endpointSlice(.make([.ready("10.1.0.1", node: "here")])))
        #expect(state.counts.noLocalEndpointsInternal == 0 && state.counts.noLocalEndpointsExternal == 0)
        _ = state.apply(.endpointSlice(.make([])))
        #expect(state.counts.noLocalEndpointsInternal == 0, "without any endpoint it is not the policy's fault")
    }
}
