import KubeAPI
import NetTypes
import Testing

@testable import ProxyCore

/// Where a test's packet comes from.
enum Origin: String, Sendable, CaseIterable {
    /// A pod of this node that is no endpoint.
    case pod
    /// The endpoint on this node.
    case localEndpoint
    case remotePod
    case node
    case outside

    func packet(to destination: AddressPort, _ proto: TransportProtocol = .tcp) -> Packet {
        let isV6 = destination.address.family == .ipv6
        let source: IPAddress =
            switch self {
            case .pod: isV6 ? "fd01::9" : "10.1.0.9"
            case .localEndpoint: isV6 ? "fd01::1" : "10.1.0.1"
            case .remotePod: isV6 ? "fd01:0:0:2::9" : "10.1.2.9"
            case .node: isV6 ? "fd02::1" : "192.0.2.1"
            case .outside: isV6 ? "fd09::1" : "198.18.0.1"
            }
        return Packet(
            proto: proto, source: AddressPort(source, 40000), destination: destination, isFromNode: self == .node)
    }
}

@Suite struct PacketOracleTests {
    /// The local endpoint 10.1.0.1 and the remote 10.1.2.1.
    static let slice = EndpointSlice.make([.ready("10.1.0.1", node: "here"), .ready("10.1.2.1", node: "n1")])
    static let remoteSlice = EndpointSlice.make([.ready("10.1.2.1", node: "n1")])
    static let clusterIP: AddressPort = "10.96.0.1:80"
    static let external: [AddressPort] = ["198.51.100.1:80", "203.0.113.1:80", "192.0.2.1:30080"]

    static func verdict(
        _ origin: Origin, to destination: AddressPort, _ proto: TransportProtocol = .tcp, in state: ProxyState
    ) -> Verdict { PacketOracle(state).verdict(origin.packet(to: destination, proto)) }

    /// Asserts a balanced verdict.
    static func expect(
        _ verdict: Verdict, to addresses: [String], _ masquerade: Verdict.Masquerade, _ comment: Comment,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        guard case .balance(let balance) = verdict else {
            Issue.record("\(verdict) \(comment)", sourceLocation: sourceLocation)
            return
        }
        #expect(balance.endpoints.addresses == addresses, comment, sourceLocation: sourceLocation)
        #expect(balance.masquerade == masquerade, comment, sourceLocation: sourceLocation)
        #expect((balance.masqueradeCause != nil) == (masquerade == .always), comment, sourceLocation: sourceLocation)
    }

    static let everyone = ["10.1.0.1", "10.1.2.1"]

    // MARK: Masquerade

    @Test(arguments: Origin.allCases)
    func clusterIPTrafficIsMasqueradedUnlessFromALocalPod(origin: Origin) {
        let verdict = Self.verdict(origin, to: Self.clusterIP, in: .of([.external()], [Self.slice]))
        let masquerade: Verdict.Masquerade =
            switch origin {
            case .pod: .never
            case .localEndpoint: .onlyHairpin
            case .remotePod, .node, .outside: .always
            }
        Self.expect(verdict, to: Self.everyone, masquerade, "\(origin)")
    }

    @Test(arguments: Origin.allCases)
    func masqueradeAllMasqueradesAllClusterIPTraffic(origin: Origin) {
        var node = NodeFacts.here
        node.masqueradeAll = true
        let state = ProxyState.of([.make()], [Self.slice], node: node)
        Self.expect(Self.verdict(origin, to: Self.clusterIP, in: state), to: Self.everyone, .always, "\(origin)")
    }

    @Test(arguments: Origin.allCases)
    func withoutADetectorOnlyHairpinsAreMasqueraded(origin: Origin) {
        var node = NodeFacts.here
        for detector in [LocalTrafficDetector.none, .cidrs(["fd01::/64"])] {
            node.detector = detector
            let state = ProxyState.of([.make()], [Self.slice], node: node)
            Self.expect(
                Self.verdict(origin, to: Self.clusterIP, in: state), to: Self.everyone,
                origin == .localEndpoint ? .onlyHairpin : .never, "\(origin)")
        }
    }

    @Test(
        arguments: [
            (LocalTrafficDetector.bridge("cni0"), "cni0", false, Verdict.Masquerade.never),
            (.bridge("cni0"), "cni01", false, .always),
            (.bridge("cni0"), nil, true, .always), (.interfacePrefix("veth"), "veth12", false, .never),
            (.interfacePrefix("veth"), "eth0", false, .always), (.interfacePrefix("veth"), nil, true, .always),
        ] as [(LocalTrafficDetector, String?, Bool, Verdict.Masquerade)])
    func interfacesTellLocalPods(
        detector: LocalTrafficDetector, interface: String?, isFromNode: Bool, masquerade: Verdict.Masquerade
    ) {
        var node = NodeFacts.here
        node.detector = detector
        let packet = Packet(
            proto: .tcp, source: "10.1.0.9:1", destination: Self.clusterIP, inputInterface: interface,
            isFromNode: isFromNode)
        let state = ProxyState.of([.make()], [Self.slice], node: node)
        Self.expect(PacketOracle(state).verdict(packet), to: Self.everyone, masquerade, "\(detector)")
    }

    @Test(arguments: Origin.allCases, external)
    func externalTrafficWithPolicyClusterIsAlwaysMasqueraded(origin: Origin, destination: AddressPort) {
        let state = ProxyState.of([.external()], [Self.slice])
        Self.expect(Self.verdict(origin, to: destination, in: state), to: Self.everyone, .always, "\(origin)")
    }

    @Test(arguments: Origin.allCases, external)
    func externalTrafficWithPolicyLocalKeepsItsSource(origin: Origin, destination: AddressPort) {
        let verdict = Self.verdict(origin, to: destination, in: .of([.external(policy: .local)], [Self.slice]))
        switch origin {
        case .pod: Self.expect(verdict, to: Self.everyone, .never, "pods here use all endpoints")
        case .localEndpoint: Self.expect(verdict, to: Self.everyone, .onlyHairpin, "pods here use all endpoints")
        case .node: Self.expect(verdict, to: Self.everyone, .always, "the node uses all endpoints, masqueraded")
        case .remotePod, .outside: Self.expect(verdict, to: ["10.1.0.1"], .never, "others use local endpoints")
        }
    }

    // MARK: Refusals

    @Test(arguments: Origin.allCases, external + [clusterIP])
    func withoutEndpointsTrafficIsRejected(origin: Origin, destination: AddressPort) {
        for policy in [Service.Spec.TrafficPolicy.cluster, .local] {
            let service = Service.external(policy: policy) { $0.spec.internalTrafficPolicy = policy }
            let slices = [EndpointSlice.make([.unready("10.1.0.1", node: "here")])]
            #expect(Self.verdict(origin, to: destination, in: .of([service], slices)) == .reject(.noEndpoints))
            #expect(Self.verdict(origin, to: destination, in: .of([service])) == .reject(.noEndpoints))
        }
    }

    @Test(arguments: Origin.allCases, external)
    func withoutLocalEndpointsExternalTrafficIsDropped(origin: Origin, destination: AddressPort) {
        let verdict = Self.verdict(origin, to: destination, in: .of([.external(policy: .local)], [Self.remoteSlice]))
        switch origin {
        case .pod, .localEndpoint: Self.expect(verdict, to: ["10.1.2.1"], .never, "\(origin)")
        case .node: Self.expect(verdict, to: ["10.1.2.1"], .always, "\(origin)")
        case .remotePod, .outside: #expect(verdict == .drop(.noLocalEndpoints))
        }
    }

    @Test(arguments: Origin.allCases)
    func withoutLocalEndpointsInternalTrafficIsDropped(origin: Origin) {
        let service = Service.external { $0.spec.internalTrafficPolicy = .local }
        let state = ProxyState.of([service], [Self.remoteSlice])
        #expect(Self.verdict(origin, to: Self.clusterIP, in: state) == .drop(.noLocalEndpoints))
        // The policies do not touch each other.
        Self.expect(Self.verdict(origin, to: Self.external[0], in: state), to: ["10.1.2.1"], .always, "\(origin)")
    }

    @Test func internalLocalStaysOnTheNode() {
        let state = ProxyState.of([.make { $0.spec.internalTrafficPolicy = .local }], [Self.slice])
        Self.expect(Self.verdict(.pod, to: Self.clusterIP, in: state), to: ["10.1.0.1"], .never, "")
    }

    @Test(
        arguments: [
            ("10.96.0.1:81", .tcp, .reject(.unknownPort)), ("10.96.0.1:80", .udp, .reject(.unknownPort)),
            ("10.96.7.7:80", .tcp, .drop(.unallocatedAddress)), ("[fd96::7]:80", .tcp, .drop(.unallocatedAddress)),
            ("198.51.100.1:81", .tcp, .notService), ("192.0.2.1:30081", .tcp, .notService),
            ("192.0.2.1:80", .tcp, .notService), ("192.0.2.9:30080", .tcp, .notService),
            ("8.8.8.8:53", .udp, .notService),
            ("[fd02::1]:30080", .tcp, .notService),
        ] as [(AddressPort, TransportProtocol, Verdict)])
    func otherDestinations(destination: AddressPort, proto: TransportProtocol, verdict: Verdict) {
        #expect(Self.verdict(.pod, to: destination, proto, in: .of([.external()], [Self.slice])) == verdict)
    }

    @Test func withoutServiceCIDRsUnallocatedAddressesPass() {
        var node = NodeFacts.here
        node.serviceCIDRs = []
        #expect(Self.verdict(.pod, to: "10.96.7.7:80", in: .of([.make()], node: node)) == .notService)
    }

    @Test func aDeletedServiceLeavesAnUnallocatedAddress() {
        var state = ProxyState.of([.make()], [Self.slice])
        _ = state.apply(.serviceDeleted(name("web")))
        #expect(Self.verdict(.pod, to: Self.clusterIP, in: state) == .drop(.unallocatedAddress))
    }

    // MARK: Source ranges

    @Test(arguments: [true, false])
    func sourceRangesGuardTheLoadBalancer(hasEndpoints: Bool) {
        let service = Service.external { $0.spec.loadBalancerSourceRanges = ["198.18.0.0/24"] }
        let state = ProxyState.of([service], hasEndpoints ? [Self.slice] : [])
        for origin in Origin.allCases where origin != .outside {
            #expect(Self.verdict(origin, to: "203.0.113.1:80", in: state) == .drop(.sourceRanges), "\(origin)")
        }
        for destination in ["203.0.113.1:80", "198.51.100.1:80", "192.0.2.1:30080"] as [AddressPort] {
            let verdict = Self.verdict(.outside, to: destination, in: state)
            if hasEndpoints {
                Self.expect(verdict, to: Self.everyone, .always, "\(destination)")
            } else {
                #expect(verdict == .reject(.noEndpoints))
            }
        }
        #expect(
            Self.verdict(.pod, to: "192.0.2.1:30080", in: state) != .drop(.sourceRanges),
            "upstream leaves node ports open")
    }

    @Test func anAnnotationGuardsTheNodePortToo() {
        let service = Service.external(annotations: ["apus.dev/source-ranges-node-port": "true"]) {
            $0.spec.loadBalancerSourceRanges = ["198.18.0.0/24"]
        }
        let state = ProxyState.of([service], [Self.slice])
        #expect(Self.verdict(.remotePod, to: "192.0.2.1:30080", in: state) == .drop(.sourceRanges))
        Self.expect(Self.verdict(.outside, to: "192.0.2.1:30080", in: state), to: Self.everyone, .always, "")
        Self.expect(Self.verdict(.remotePod, to: "198.51.100.1:80", in: state), to: Self.everyone, .always, "")
        Self.expect(Self.verdict(.remotePod, to: Self.clusterIP, in: state), to: Self.everyone, .always, "")
    }

    @Test func rangesOfTheOtherFamilyAllowNobody() {
        let service = Service.external { $0.spec.loadBalancerSourceRanges = ["fd00::/8"] }
        let state = ProxyState.of([service], [Self.slice])
        for origin in Origin.allCases {
            #expect(Self.verdict(origin, to: "203.0.113.1:80", in: state) == .drop(.sourceRanges), "\(origin)")
        }
    }

    // MARK: The rest

    @Test(arguments: TransportProtocol.allCases)
    func everyProtocolIsBalanced(proto: TransportProtocol) {
        let slice = EndpointSlice.make(
            Self.slice.endpoints, ports: [.init(name: "http", proto: proto, port: 8080)])
        let state = ProxyState.of([.make(proto: proto)], [slice])
        Self.expect(Self.verdict(.pod, to: Self.clusterIP, proto, in: state), to: Self.everyone, .never, "\(proto)")
    }

    @Test func bothFamiliesAreBalanced() {
        let service = Service.external { $0.spec.clusterIPs = ["10.96.0.1", "fd96::1"] }
        let state = ProxyState.of(
            [service], [Self.slice, .make("web-6", [.ready("fd01::1", node: "here")], type: .ipv6)])
        Self.expect(Self.verdict(.pod, to: "[fd96::1]:80", in: state), to: ["fd01::1"], .never, "cluster IP")
        Self.expect(
            Self.verdict(.localEndpoint, to: "[fd96::1]:80", in: state), to: ["fd01::1"], .onlyHairpin, "hairpin")
        Self.expect(Self.verdict(.outside, to: "[fd02::1]:30080", in: state), to: ["fd01::1"], .always, "node port")
    }

    @Test func theVerdictCarriesAffinityWeightsAndBalance() {
        let service = Service.make(annotations: ["apus.dev/balance": "maglev", "apus.dev/weights": "10.1.0.1=3"]) {
            $0.spec.clientIPAffinityTimeout = 60
        }
        guard case .balance(let balance) = Self.verdict(.pod, to: Self.clusterIP, in: .of([service], [Self.slice]))
        else {
            Issue.record("not balanced")
            return
        }
        #expect(balance.affinityTimeout == 60 && balance.algorithm == .maglev && balance.endpoints.weights == [3, 1])
        #expect(balance.service.description == "ns/web:http")
    }

    @Test func proxyModeLoadBalancerAddressesAreNotServed() {
        let service = Service.external { $0.loadBalancerIngress = [.init(ip: "203.0.113.1", isVIP: false)] }
        #expect(Self.verdict(.pod, to: "203.0.113.1:80", in: .of([service], [Self.slice])) == .notService)
    }
}
