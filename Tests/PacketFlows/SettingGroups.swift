import Lab
import NetTypes
import ProxyCore

/// What other settings of the node change.
extension FlowGroup {
    static var everyNodeAddress: FlowGroup {
        let web = web(1).sketch
        let all: FlowExpectation = .balanced([.pod(1), .pod(2), .remote(1)], .always)
        let facts = NodeFacts.lab.with { $0.nodePortAddresses = FlowLab.nodeAddresses.sorted() }
        return FlowGroup(
            "node ports on every address", facts,
            [
                (
                    web,
                    [
                        web.when("first address", from: .client, to: .nodePort(), all),
                        web.when("second address", from: .client, to: .nodePort(on: 1), all),
                        web.when("second address from the node", from: .node, to: .nodePort(on: 1), all),
                        web.when("the pods' gateway", from: .pod(3), to: .podGatewayNodePort, all),
                    ]
                )
            ])
    }

    static var masqueradeAll: FlowGroup {
        let facts = NodeFacts.lab.with {
            $0.masqueradeAll = true
            $0.masqueradeBit = 5
        }
        let web = web(1).sketch
        let local = local(4).sketch
        let all: FlowExpectation = .balanced([.pod(1), .pod(2), .remote(1)], .always)
        return FlowGroup(
            "masquerade all, by another bit", facts,
            [
                (
                    web,
                    [
                        web.when("a local pod", from: .pod(3), to: .clusterIP, all),
                        web.when("an endpoint", from: .pod(1), to: .clusterIP, all),
                        web.when("outside", from: .client, to: .clusterIP, all),
                    ]
                ),
                (
                    local,
                    [
                        local.when(
                            "outside keeps its address", from: .client, to: .externalIP, .balanced([.pod(1)], .never)),
                        local.when(
                            "so does a local pod", from: .pod(2), to: .externalIP,
                            .balanced([.pod(1), .remote(1)], .never)),
                    ]
                ),
            ])
    }

    /// Pods of all nodes count as local.
    static var clusterCIDR: FlowGroup {
        detecting("ClusterCIDR", .cidrs(LabPlan.podCIDRs), pods: [.pod(3), .remote(2)], others: [.client, .node])
    }

    static var interfacePrefix: FlowGroup {
        detecting("interface prefix", .interfacePrefix("veth"), pods: [.pod(3), .remote(2)], others: [.client, .node])
    }

    /// One pod's interface stands for a bridge.
    static var bridge: FlowGroup {
        detecting("bridge", .bridge("veth2"), pods: [.pod(3)], others: [.client, .node, .remote(2)])
    }

    private static func detecting(
        _ name: String, _ detector: LocalTrafficDetector, pods: [FlowProbe.Location], others: [FlowProbe.Location]
    ) -> FlowGroup {
        let web = web(1).sketch
        let local = local(4).sketch
        let endpoints: Set<FlowProbe.Location> = [.pod(1), .pod(2), .remote(1)]
        return FlowGroup(
            "pods told by \(name)", NodeFacts.lab.with { $0.detector = detector },
            [
                (
                    web,
                    pods.map { web.when("\($0) is a pod", from: $0, to: .clusterIP, .balanced(endpoints, .never)) }
                        + others.map {
                            web.when("\($0) is none", from: $0, to: .clusterIP, .balanced(endpoints, .always))
                        }
                ),
                (
                    local,
                    pods.map {
                        local.when(
                            "\($0) takes the short cut", from: $0, to: .externalIP,
                            .balanced([.pod(1), .remote(1)], .never))
                    }
                        + others.filter { $0 != .node }.map {
                            local.when("\($0) is outside", from: $0, to: .externalIP, .balanced([.pod(1)], .never))
                        }
                ),
            ])
    }

    /// Nothing tells pods: cluster-IP traffic is not masqueraded, and only the node itself takes short cuts.
    static var noDetector: FlowGroup {
        let web = web(1).sketch
        let local = local(4).sketch
        let endpoints: Set<FlowProbe.Location> = [.pod(1), .pod(2), .remote(1)]
        return FlowGroup(
            "nothing tells pods", NodeFacts.lab.with { $0.detector = .none },
            [
                (
                    web,
                    [
                        web.when("outside", from: .client, to: .clusterIP, .balanced(endpoints, .never)),
                        web.when("a local pod", from: .pod(3), to: .clusterIP, .balanced(endpoints, .never)),
                        web.when("an endpoint", from: .pod(1), to: .clusterIP, .balanced(endpoints, .onlyHairpin)),
                        web.when("external IP", from: .client, to: .externalIP, .balanced(endpoints, .always)),
                    ]
                ),
                (
                    local,
                    [
                        local.when("a local pod", from: .pod(2), to: .externalIP, .balanced([.pod(1)], .never)),
                        local.when(
                            "the node", from: .node, to: .externalIP, .balanced([.pod(1), .remote(1)], .always)),
                    ]
                ),
            ])
    }
}
