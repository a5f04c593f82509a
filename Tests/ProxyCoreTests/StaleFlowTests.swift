import KubeAPI
import NetTypes
import Testing

@testable import ProxyCore

@Suite struct StaleFlowTests {
    static let both = EndpointSlice.make(
        [.ready("10.1.0.1", node: "here"), .ready("10.1.0.2", node: "n1")],
        ports: [.init(name: "http", proto: .udp, port: 8080), .init(name: "http", proto: .tcp, port: 8080)])

    static func slice(_ endpoints: [Endpoint]) -> EndpointSlice {
        var slice = both
        slice.endpoints = endpoints
        return slice
    }

    static func flow(
        _ proto: TransportProtocol, to destination: AddressPort, from reply: AddressPort, unreplied: Bool = false
    ) -> TrackedFlow {
        TrackedFlow(proto: proto, originalDestination: destination, replySource: reply, isUnreplied: unreplied)
    }

    @Test(arguments: ["10.96.0.1:80", "198.51.100.1:80", "203.0.113.1:80", "192.0.2.1:30080"] as [AddressPort])
    func flowsToVanishedEndpointsAreStale(frontend: AddressPort) {
        var state = ProxyState.of([.external(proto: .udp)], [Self.both])
        let delta = state.apply(.endpointSlice(Self.slice([.ready("10.1.0.2", node: "n1")])))
        let index = StaleFlowIndex(delta.staleFlows)
        for (reply, isStale) in [("10.1.0.1:8080", true), ("10.1.0.2:8080", false)] as [(AddressPort, Bool)] {
            let flow = Self.flow(.udp, to: frontend, from: reply)
            #expect(index.contains(flow) == isStale && state.isStale(flow) == isStale)
            #expect(delta.staleFlows.contains { $0.contains(flow) } == isStale)
        }
        #expect(!index.contains(Self.flow(.udp, to: "8.8.8.8:30080", from: "10.1.0.1:8080")))
        #expect(!index.contains(Self.flow(.tcp, to: frontend, from: "10.1.0.1:8080", unreplied: true)))
    }

    @Test func onlyUnrepliedTCPIsStale() {
        var state = ProxyState.of([.external()], [Self.both])
        let delta = state.apply(.endpointSlice(Self.slice([.ready("10.1.0.2", node: "n1")])))
        let index = StaleFlowIndex(delta.staleFlows)
        for isUnreplied in [true, false] {
            let flow = Self.flow(.tcp, to: "10.96.0.1:80", from: "10.1.0.1:8080", unreplied: isUnreplied)
            #expect(index.contains(flow) == isUnreplied && state.isStale(flow) == isUnreplied)
        }
        #expect(!index.contains(Self.flow(.tcp, to: "10.96.0.1:80", from: "10.1.0.2:8080", unreplied: true)))
    }

    @Test func scaleToZeroAndBackLeavesNoUDPFlowBehind() {
        var state = ProxyState.of([.make(proto: .udp)], [Self.both])
        let toVIP = Self.flow(.udp, to: "10.96.0.1:80", from: "10.96.0.1:80", unreplied: true)
        let toGone = Self.flow(.udp, to: "10.96.0.1:80", from: "10.1.0.1:8080")
        let zero = state.apply(.endpointSlice(Self.slice([]))).staleFlows
        #expect(StaleFlowIndex(zero).contains(toGone) && StaleFlowIndex(zero).contains(toVIP))
        #expect(state.isStale(toGone))
        let some = state.apply(.endpointSlice(Self.slice([.ready("10.1.0.2")]))).staleFlows
        #expect(StaleFlowIndex(some).contains(toGone) && StaleFlowIndex(some).contains(toVIP))
        #expect(!StaleFlowIndex(some).contains(Self.flow(.udp, to: "10.96.0.1:80", from: "10.1.0.2:8080")))
    }

    /// Policies, hints and termination move new flows only.
    @Test func servingEndpointsKeepTheirFlows() {
        let flow = Self.flow(.udp, to: "10.96.0.1:80", from: "10.1.0.1:8080")
        var state = ProxyState.of([.make(proto: .udp)], [Self.both])
        let events: [ProxyEvent] = [
            .endpointSlice(Self.slice([.terminating("10.1.0.1"), .ready("10.1.0.2")])),
            .endpointSlice(Self.slice([.ready("10.1.0.1", zones: ["b"]), .ready("10.1.0.2", zones: ["a"])])),
            .endpointSlice(Self.both),
            .service(.make(annotations: ["apus.dev/weights": "10.1.0.1=0"], proto: .udp)),
            .service(.make(proto: .udp) { $0.spec.internalTrafficPolicy = .local }),
        ]
        for event in events {
            #expect(!StaleFlowIndex(state.apply(event).staleFlows).contains(flow))
            #expect(!state.isStale(flow))
        }
        let gone = state.apply(
            .endpointSlice(Self.slice([.terminating("10.1.0.1", isServing: false), .ready("10.1.0.2")])))
        #expect(StaleFlowIndex(gone.staleFlows).contains(flow) && state.isStale(flow))
    }

    @Test func frontendsThatComeAndGoTakeTheirUDPFlowsAlong() {
        var state = ProxyState.of([.make(proto: .udp)], [Self.both])
        let early = Self.flow(.udp, to: "203.0.113.1:80", from: "203.0.113.1:80", unreplied: true)
        let late = Self.flow(.udp, to: "203.0.113.1:80", from: "10.1.0.1:8080")
        let gained = StaleFlowIndex(state.apply(.service(.external(proto: .udp))).staleFlows)
        #expect(gained.contains(early) && !gained.contains(late))
        let lost = StaleFlowIndex(state.apply(.service(.make(proto: .udp))).staleFlows)
        #expect(lost.contains(late) && !lost.contains(Self.flow(.udp, to: "10.96.0.1:80", from: "10.1.0.1:8080")))
        let all = StaleFlowIndex(state.apply(.serviceDeleted(name("web"))).staleFlows)
        #expect(all.contains(Self.flow(.udp, to: "10.96.0.1:80", from: "10.1.0.1:8080")))
    }

    @Test func flowsOfOthersAreKept() {
        let state = ProxyState.of([.external(proto: .udp)], [Self.both])
        let others = [
            Self.flow(.udp, to: "8.8.8.8:53", from: "8.8.8.8:53"),
            Self.flow(.udp, to: "10.96.0.1:81", from: "10.1.0.9:1"),
            Self.flow(.udp, to: "192.0.2.9:30080", from: "10.1.0.9:8080"),
            Self.flow(.tcp, to: "10.96.0.1:80", from: "10.1.0.9:8080"),
        ]
        for flow in others { #expect(!state.isStale(flow), "\(flow)") }
    }

    @Test func aSettledBurstTellsOnlyTheDifference() {
        var state = ProxyState.of([.make(proto: .udp)], [Self.both])
        state.stage(.endpointSlice(Self.slice([])))
        state.stage(.endpointSlice(Self.both))
        #expect(state.settle().isEmpty)
    }

    // MARK: Deltas against the whole

    /// Flows to every address that random worlds use, answered by anyone in them.
    static let universe: [TrackedFlow] = {
        let frontends: [AddressPort] =
            (0..<5).map { AddressPort(IPAddress(10, 96, 0, $0), 80) }
            + ["198.51.100.1:80", "203.0.113.1:80", "192.0.2.1:30000", "192.0.2.1:30001", "[fd02::1]:30000"]
        let replies: [AddressPort] =
            (1...6).flatMap { byte in [80, 81].map { AddressPort(IPAddress(10, 1, 0, byte), $0) } }
            + ["[fd01::1]:80", "203.0.113.1:80"]
        return frontends.flatMap { frontend in replies.map { flow(.udp, to: frontend, from: $0) } }
    }()

    /// A delta names every flow that an event made stale, and of the service ports that stay no other.
    @Test(arguments: 0..<20)
    func deltasNameExactlyTheFlowsThatBecameStale(seed: UInt64) {
        var world = HistoryTests.World(seed: seed)
        var state = ProxyState(node: world.node)
        _ = state.settle()
        for step in 0..<60 {
            let before = state
            let index = StaleFlowIndex(state.apply(world.nextEvent()).staleFlows)
            for flow in Self.universe {
                let isNamed = index.contains(flow)
                if state.isStale(flow), !before.isStale(flow) {
                    #expect(isNamed, "seed \(seed), step \(step), \(flow)")
                }
                let owner = state.servicePort(at: flow.originalDestination, flow.proto)?.0.name
                let ownerBefore = before.servicePort(at: flow.originalDestination, flow.proto)?.0.name
                if isNamed, owner == ownerBefore {
                    #expect(state.isStale(flow), "seed \(seed), step \(step), \(flow)")
                }
            }
        }
    }
}
