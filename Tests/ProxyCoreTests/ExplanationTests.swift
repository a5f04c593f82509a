import KubeAPI
import NetTypes
import Testing

@testable import ProxyCore

@Suite struct ExplanationTests {
    static let slices = [
        EndpointSlice.make([
            Endpoint(addresses: ["10.1.0.1"], nodeName: "here", zone: "a"), .ready("10.1.2.1", node: "n1"),
            .unready("10.1.2.2", node: "n1"),
        ])
    ]

    @Test func tellsTheWholeStory() {
        let service = Service.external(policy: .local, annotations: ["apus.dev/balance": "fair"]) {
            $0.spec.clientIPAffinityTimeout = 10800
            $0.spec.loadBalancerSourceRanges = ["198.18.0.0/24"]
        }
        let rival = Service.make("zzz") {
            $0.spec.clusterIPs = ["10.96.0.9"]
            $0.spec.externalIPs = ["203.0.113.1"]
        }
        let state = ProxyState.of([service, rival], Self.slices)
        let text = state.explain(ExplainQuery(destination: "203.0.113.1:80")).description
        #expect(
            text == """
                203.0.113.1:80/tcp is LoadBalancer of Service ns/web:http
                  traffic policy Local, balance random
                  session affinity ClientIP, 10800 s
                  source ranges: 198.18.0.0/24
                  note: apus.dev/balance "fair" is none of random, round-robin, source-hash, maglev, least-connections; the mode's default is used
                  conflict: ns/zzz:http asks for it too, and does not get it
                from a pod of this node: dropped (the source is outside loadBalancerSourceRanges)
                from this node: dropped (the source is outside loadBalancerSourceRanges)
                from elsewhere, inside the source ranges: balanced to 10.1.0.1:8080
                  masquerade: no: endpoints see the source's address
                from elsewhere, outside the source ranges: dropped (the source is outside loadBalancerSourceRanges)
                endpoints:
                  10.1.0.1:8080 used, node here, zone a, slice web-1
                  10.1.2.1:8080 not used (not on this node, and the traffic policy is Local; pods of this node and the \
                node itself do use it), node n1, slice web-1
                  10.1.2.2:8080 not used (not on this node, and the traffic policy is Local), node n1, slice web-1

                """)
    }

    @Test(
        arguments: [
            ("10.1.0.9", "a pod of this node (10.1.0.9)", "no: endpoints see the source's address"),
            ("10.1.0.1", "a pod of this node (10.1.0.1)", "only when the endpoint chosen is the source itself"),
            ("198.18.0.1", "elsewhere (198.18.0.1)", "yes: the source is not a pod of this node"),
            ("192.0.2.1", "this node (192.0.2.1)", "yes: the source is not a pod of this node"),
        ] as [(IPAddress, String, String)])
    func answersForOneSource(source: IPAddress, label: String, masquerade: String) {
        let state = ProxyState.of([.make()], Self.slices)
        let explanation = state.explain(ExplainQuery(destination: "10.96.0.1:80", source: source))
        #expect(explanation.paths.map(\.source) == [label])
        #expect(explanation.paths.map(\.masquerade) == [masquerade])
        #expect(explanation.paths.first?.endpoints == ["10.1.0.1:8080", "10.1.2.1:8080"])
        #expect(explanation.endpoints.map(\.reason) == [nil, nil, "not ready"])
    }

    @Test func tellsBothCasesWhereOnlyTheInterfaceTells() {
        var node = NodeFacts.here
        node.detector = .bridge("cni0")
        let state = ProxyState.of([.make()], Self.slices, node: node)
        let paths = state.explain(ExplainQuery(destination: "10.96.0.1:80", source: "10.1.0.9")).paths
        #expect(paths.map(\.source) == ["a pod of this node (10.1.0.9)", "elsewhere (10.1.0.9)"])
        #expect(state.explain(ExplainQuery(destination: "10.96.0.1:80")).paths.count == 3)
    }

    @Test(
        arguments: [
            ("10.96.0.1:81", "rejected", "no Service has this port on this cluster IP"),
            ("10.96.7.7:80", "dropped", "the address is in a service CIDR and belongs to no Service"),
            ("8.8.8.8:80", "not a Service", nil),
        ] as [(AddressPort, String, String?)])
    func tellsWhyNothingIsServed(destination: AddressPort, verdict: String, reason: String?) {
        let explanation = ProxyState.of([.make()], Self.slices).explain(
            ExplainQuery(destination: destination, source: "10.1.0.9"))
        #expect(explanation.service == nil && explanation.endpoints.isEmpty)
        #expect(explanation.paths.map(\.verdict) == [verdict] && explanation.paths.map(\.reason) == [reason])
        #expect(explanation.description.hasPrefix("\(destination)/tcp belongs to no Service\nfrom a pod"))
    }

    @Test func tellsTheWinnerOfAConflictThroughTheAddress() {
        let state = ProxyState.of([FrontendConflictTests.old, FrontendConflictTests.young])
        let explanation = state.explain(ExplainQuery(destination: "198.51.100.1:80"))
        #expect(explanation.service?.name == "ns/old:http" && explanation.conflicts == ["ns/young:http"])
        #expect(explanation.paths.allSatisfy { $0.verdict == "rejected" })
    }
}
