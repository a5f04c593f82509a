import Lab
import NetTypes
import ProxyCore

/// How connections are spread over the endpoints.
extension FlowGroup {
    static var balancing: [Part] { affinity + [inTurn, sourceHash, maglev, weighted] }

    private static let places: Set<FlowProbe.Location> = [.pod(1), .pod(2), .remote(1)]
    private static let members: [Member] = [.ready(.pod(1)), .ready(.pod(2)), .ready(.remote(1))]

    private static var affinity: [Part] {
        let sticky = ServiceSketch(50, "affinity", members) { $0.clientIPAffinityTimeout = 10800 }
        let local = ServiceSketch(51, "affinity-local", [.ready(.pod(1)), .ready(.pod(2)), .ready(.remote(1))]) {
            $0.clientIPAffinityTimeout = 10800
            $0.externalTrafficPolicy = .local
        }
        let one: FlowExpectation = .balanced(places, .always, .affinity)
        return [
            (
                sticky,
                [0, 1, 2].map { index in
                    sticky.when(
                        "every address of the Service, client \(index)", from: .client, source: index, to: .clusterIP,
                        also: [.nodePort(), .externalIP, .loadBalancerIP], one)
                } + [
                    sticky.when("a pod", from: .pod(3), to: .clusterIP, .balanced(places, .never, .affinity)),
                    sticky.when("the node", from: .node, to: .clusterIP, also: [.nodePort()], one),
                ]
            ),
            (
                local,
                [
                    local.when(
                        "external addresses", from: .client, to: .nodePort(), also: [.externalIP, .loadBalancerIP],
                        .balanced([.pod(1), .pod(2)], .never, .affinity)),
                    local.when("a pod", from: .pod(3), to: .externalIP, .balanced(places, .never, .affinity)),
                ]
            ),
        ]
    }

    private static func balance(_ algorithm: String) -> [String: String] { ["apus.dev/balance": algorithm] }

    private static var inTurn: Part {
        let sketch = ServiceSketch(60, "round-robin", members, annotations: balance("round-robin"))
        return (
            sketch,
            [
                sketch.when("cluster IP", from: .client, to: .clusterIP, .balanced(places, .always, .inTurn)),
                sketch.when("node port", from: .client, to: .nodePort(), .balanced(places, .always, .inTurn)),
                sketch.when("from the node", from: .node, to: .externalIP, .balanced(places, .always, .inTurn)),
            ]
        )
    }

    private static var sourceHash: Part {
        let sketch = ServiceSketch(61, "source-hash", members, annotations: balance("source-hash"))
        let one: FlowExpectation = .balanced(places, .always, .sourceHash)
        return (
            sketch,
            [0, 1, 2].map { index in
                sketch.when("client \(index)", from: .client, source: index, to: .clusterIP, also: [.nodePort()], one)
            }
        )
    }

    private static var maglev: Part {
        let sketch = ServiceSketch(62, "maglev", members, annotations: balance("maglev"))
        return (
            sketch,
            [
                sketch.when("cluster IP", from: .client, to: .clusterIP, .balanced(places, .always, .maglev)),
                sketch.when("external IP", from: .client, to: .externalIP, .balanced(places, .always, .maglev)),
            ]
        )
    }

    private static var weighted: Part {
        let weights = ["10.1.0.2=3", "fd00:1::2=3", "10.1.0.3=1", "fd00:1::3=1", "10.1.1.2=0", "fd00:1::1:2=0"]
        let sketch = ServiceSketch(
            63, "weights", members, annotations: ["apus.dev/weights": weights.joined(separator: ", ")])
        let shares: FlowExpectation = .balanced([.pod(1), .pod(2)], .always, .weighted([.pod(1): 3, .pod(2): 1]))
        return (sketch, [sketch.when("cluster IP", from: .client, to: .clusterIP, shares)])
    }
}
