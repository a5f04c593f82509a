import KubeAPI
import NetTypes
import TestRandom
import Testing

@testable import ProxyCore

@Suite struct EndpointChoiceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let endpoints: [Endpoint]
        /// Last bytes of the addresses used under policy Cluster, and under policy Local.
        let cluster: [UInt8]
        let local: [UInt8]

        init(_ description: String, _ endpoints: [Endpoint], cluster: [UInt8], local: [UInt8]) {
            testDescription = description
            self.endpoints = endpoints
            self.cluster = cluster
            self.local = local
        }
    }

    /// This node is `here` in zone `a`.
    static let cases = [
        Case("nothing", [], cluster: [], local: []),
        Case(
            "ready endpoints",
            [.ready("10.1.0.1", node: "here"), .ready("10.1.0.2", node: "n1"), .unready("10.1.0.3", node: "here")],
            cluster: [1, 2], local: [1]),
        Case("unready ones are never used", [.unready("10.1.0.1", node: "here")], cluster: [], local: []),
        Case(
            "terminating ones are not used while ready ones exist",
            [.ready("10.1.0.1", node: "here"), .terminating("10.1.0.2", node: "here")], cluster: [1], local: [1]),
        Case(
            "without ready ones, serving terminating ones are",
            [
                .terminating("10.1.0.1", node: "here"), .terminating("10.1.0.2", node: "n1"),
                .terminating("10.1.0.3", node: "here", isServing: false), .unready("10.1.0.4", node: "here"),
            ], cluster: [1, 2], local: [1]),
        Case(
            "the fallback is decided separately for Cluster and Local",
            [.ready("10.1.0.1", node: "n1"), .terminating("10.1.0.2", node: "here")], cluster: [1], local: [2]),
        Case("an unknown node is not this node", [.ready("10.1.0.1")], cluster: [1], local: []),
        Case(
            "ready although terminating, with publishNotReadyAddresses",
            [Endpoint(addresses: ["10.1.0.1"], isReady: true, isTerminating: true, nodeName: "here")], cluster: [1],
            local: [1]),
        Case(
            "zone hints",
            [.ready("10.1.0.1", node: "here", zones: ["b"]), .ready("10.1.0.2", node: "n1", zones: ["b", "a"])],
            cluster: [2], local: [1]),
        Case(
            "zone hints are ignored unless all ready endpoints have some",
            [.ready("10.1.0.1", zones: ["a"]), .ready("10.1.0.2")], cluster: [1, 2], local: []),
        Case(
            "an unready endpoint needs no hint",
            [.ready("10.1.0.1", zones: ["a"]), .ready("10.1.0.2", zones: ["b"]), .unready("10.1.0.3")], cluster: [1],
            local: []),
        Case(
            "zone hints are ignored when none names this zone",
            [.ready("10.1.0.1", zones: ["b"]), .ready("10.1.0.2", zones: ["c"])], cluster: [1, 2], local: []),
        Case(
            "node hints come before zone hints",
            [
                .ready("10.1.0.1", zones: ["a"], nodes: ["n1"]), .ready("10.1.0.2", zones: ["b"], nodes: ["here"]),
                .ready("10.1.0.3", zones: ["a"], nodes: ["n2"]),
            ], cluster: [2], local: []),
        Case(
            "without a node hint for this node, zone hints apply",
            [.ready("10.1.0.1", zones: ["a"], nodes: ["n1"]), .ready("10.1.0.2", zones: ["b"], nodes: ["n2"])],
            cluster: [1], local: []),
        Case(
            "without node hints on all, zone hints apply",
            [.ready("10.1.0.1", zones: ["a"], nodes: ["n1"]), .ready("10.1.0.2", zones: ["b"])], cluster: [1],
            local: []),
        Case(
            "the fallback ignores hints",
            [
                Endpoint(
                    addresses: ["10.1.0.1"], isReady: false, isServing: true, isTerminating: true, hintZones: ["b"]),
                Endpoint(
                    addresses: ["10.1.0.2"], isReady: false, isServing: true, isTerminating: true, hintZones: ["a"]),
            ], cluster: [1, 2], local: []),
        Case(
            "Local ignores hints",
            [
                .ready("10.1.0.1", node: "here", zones: ["b"], nodes: ["n1"]),
                .ready("10.1.0.2", zones: ["a"], nodes: ["n1"]),
            ],
            cluster: [2], local: [1]),
        Case(
            "only the first address counts",
            [Endpoint(addresses: ["10.1.0.1", "10.1.0.2"], nodeName: "here")], cluster: [1], local: [1]),
    ]

    @Test(arguments: cases)
    func choosesEndpoints(_ test: Case) throws {
        // Under externalTrafficPolicy Local both sets are visible in one service port.
        let port = try #require(
            ProxyState.of([.external(policy: .local)], [.make(test.endpoints)]).port())
        #expect(port.clusterEndpoints.endpoints.map { UInt8(truncatingIfNeeded: $0.address.low) } == test.cluster)
        #expect(port.localEndpoints.endpoints.map { UInt8(truncatingIfNeeded: $0.address.low) } == test.local)
        #expect(port.internalEndpoints == port.clusterEndpoints)
        #expect(port.hasAnyEndpoint == !test.cluster.isEmpty)
    }

    @Test func zoneHintsNeedAZone() throws {
        var node = NodeFacts.here
        node.zone = nil
        let slice = EndpointSlice.make([.ready("10.1.0.1", zones: ["a"]), .ready("10.1.0.2", zones: ["b"])])
        #expect(ProxyState.of([.make()], [slice], node: node).port()?.clusterEndpoints.count == 2)
    }

    static let duplicates: [(better: Endpoint, worse: Endpoint, isUsed: Bool)] = [
        (.ready("10.1.0.1"), .terminating("10.1.0.1"), true),
        (.ready("10.1.0.1"), .unready("10.1.0.1"), true),
        (.unready("10.1.0.1"), .terminating("10.1.0.1"), false),
    ]

    @Test(arguments: 0..<3, [false, true])
    func nonTerminatingDuplicatesWin(index: Int, isSwapped: Bool) throws {
        let test = Self.duplicates[index]
        let slices = [
            EndpointSlice.make("web-1", [isSwapped ? test.worse : test.better]),
            .make("web-2", [isSwapped ? test.better : test.worse]),
        ]
        let state = ProxyState.of([.make()], slices)
        let port = try #require(state.port())
        #expect(port.clusterEndpoints.text == (test.isUsed ? ["10.1.0.1:8080"] : []))
        let fates = state.endpoints(of: port.name).map(\.clusterFate)
        #expect(fates.filter { $0 == .duplicate }.count == 1 && fates.count == 2)
    }

    @Test func everyFateHasItsReason() throws {
        let slices = [
            EndpointSlice.make(
                "a",
                [
                    .ready("10.1.0.1", node: "here", zones: ["a"]), .ready("10.1.0.2", node: "n1", zones: ["b"]),
                    .unready("10.1.0.3", node: "here"), .terminating("10.1.0.4", node: "here"), .ready("10.1.0.5"),
                ]),
            .make("b", [.terminating("10.1.0.1", node: "here")]),
            .make("c", [.ready("10.1.0.6")], ports: [.init(name: "other", port: 1)]),
            .make("d", [.ready("fd01::1")], type: .ipv6),
        ]
        let state = ProxyState.of([.make(annotations: ["apus.dev/weights": "10.1.0.5=0"])], slices)
        let accounts = state.endpoints(of: try #require(state.port()).name)
        #expect(
            accounts.map(\.clusterFate) == [
                .used, .hintedElsewhere(.zone), .notReady, .terminating, .drained, .duplicate, .portMissing,
                .otherFamily,
            ])
        #expect(
            accounts.map(\.localFate) == [
                .used, .notLocal, .notReady, .terminating, .notLocal, .duplicate, .portMissing, .otherFamily,
            ])
    }

    // MARK: Against a naive reference

    static func reference(_ all: [EndpointCandidate], isLocal: Bool) -> [EndpointCandidate] {
        let pool = isLocal ? all.filter { $0.traits.contains(.local) } : all
        var ready: [EndpointCandidate] = []
        for candidate in pool where candidate.traits.contains(.ready) && candidate.weight > 0 {
            ready.append(candidate)
        }
        if ready.isEmpty {
            return pool.filter {
                $0.traits.contains(.serving) && $0.traits.contains(.terminating) && $0.weight > 0
            }
        }
        if isLocal { return ready }
        let forNode = ready.filter { $0.traits.contains(.hintedToNode) }
        if ready.filter({ $0.traits.contains(.hasNodeHints) }).count == ready.count, !forNode.isEmpty { return forNode }
        let forZone = ready.filter { $0.traits.contains(.hintedToZone) }
        if ready.filter({ $0.traits.contains(.hasZoneHints) }).count == ready.count, !forZone.isEmpty { return forZone }
        return ready
    }

    @Test(arguments: 0..<500)
    func agreesWithTheReference(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let usual = random.next()
        let candidates = (0..<Int.random(in: 0...6, using: &random)).map { index in
            // Most traits are common to most endpoints, so that rules about all of them matter.
            var bits = UInt16(truncatingIfNeeded: usual ^ (random.next() & random.next() & random.next())) & 0x1ff
            if bits & 1 << 6 != 0 { bits |= 1 << 5 }
            if bits & 1 << 8 != 0 { bits |= 1 << 7 }
            return EndpointCandidate(
                AddressPort(IPAddress(v4: UInt32(index)), 80),
                weight: Int.random(in: 0..<8, using: &random) == 0 ? 0 : 1,
                traits: .init(rawValue: bits))
        }
        let choice = EndpointChoice(candidates)
        #expect(
            candidates.filter { choice.clusterFate($0) == .used } == Self.reference(candidates, isLocal: false),
            "seed \(seed)")
        #expect(
            candidates.filter { choice.localFate($0) == .used } == Self.reference(candidates, isLocal: true),
            "seed \(seed)")
    }
}
