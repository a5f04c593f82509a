import KubeAPI
import Lab
import NetTypes

/// Which endpoints of a Service count, and who may reach them.
extension FlowGroup {
    /// Readiness, hints, repeated endpoints.
    static var choices: [Part] {
        let fading = ServiceSketch(
            20, "terminating", [.terminating(.pod(1)), .terminating(.pod(2), isServing: false), .unready(.pod(3))])
        let mixed = ServiceSketch(21, "terminating-and-ready", [.terminating(.pod(1)), .ready(.pod(2))])
        let fadingHere = ServiceSketch(22, "terminating-here", [.terminating(.pod(1)), .ready(.remote(1))]) {
            $0.externalTrafficPolicy = .local
        }
        let twice = ServiceSketch(23, "twice", [.terminating(.pod(1)), .ready(.pod(2))], [.ready(.pod(1))])
        return [
            (fading, [fading.when("those that serve", from: .client, to: .clusterIP, .balanced([.pod(1)], .always))]),
            (mixed, [mixed.when("ready ones first", from: .client, to: .clusterIP, .balanced([.pod(2)], .always))]),
            (
                fadingHere,
                [
                    fadingHere.when("local set", from: .client, to: .externalIP, .balanced([.pod(1)], .never)),
                    fadingHere.when("cluster set", from: .client, to: .clusterIP, .balanced([.remote(1)], .always)),
                ]
            ),
            (
                twice,
                [
                    twice.when(
                        "the one that does not terminate wins", from: .client, to: .clusterIP,
                        .balanced([.pod(1), .pod(2)], .always))
                ]
            ),
        ] + hints
    }

    private static var hints: [Part] {
        let both: FlowExpectation = .balanced([.pod(1), .remote(1)], .always)
        func here(_ place: FlowProbe.Location) -> FlowExpectation { .balanced([place], .always) }
        func part(
            _ number: UInt8, _ name: String, _ members: [Member], _ expectation: FlowExpectation
        ) -> Part {
            let sketch = ServiceSketch(number, name, members)
            return (sketch, [sketch.when("cluster IP", from: .client, to: .clusterIP, expectation)])
        }
        let ignored = ServiceSketch(
            34, "hints-and-local", [.ready(.pod(1), zones: ["b"]), .ready(.remote(1), zones: ["a"])]
        ) { $0.externalTrafficPolicy = .local }
        return [
            part(
                30, "node-hints", [.ready(.pod(1), nodes: ["other"]), .ready(.remote(1), nodes: ["node"])],
                here(.remote(1))),
            part(
                31, "zone-hints", [.ready(.pod(1), zones: ["b"]), .ready(.remote(1), zones: ["a", "c"])],
                here(.remote(1))),
            part(32, "zone-hints-with-a-gap", [.ready(.pod(1), zones: ["b"]), .ready(.remote(1))], both),
            part(
                33, "node-hints-elsewhere",
                [.ready(.pod(1), zones: ["a"], nodes: ["other"]), .ready(.remote(1), zones: ["b"], nodes: ["other"])],
                here(.pod(1))),
            part(
                35, "zone-hints-elsewhere", [.ready(.pod(1), zones: ["b"]), .ready(.remote(1), zones: ["c"])], both),
            (
                ignored,
                [
                    ignored.when(
                        "policy Local ignores hints", from: .client, to: .externalIP, .balanced([.pod(1)], .never)),
                    ignored.when("the cluster set heeds them", from: .client, to: .clusterIP, here(.remote(1))),
                ]
            ),
        ]
    }

    // MARK: Source ranges

    /// The client's second address is inside.
    private static let ranges = FlowLab.plan.clientAddresses[2...3].map { CIDR(host: $0) }

    static var sourceRanges: [Part] {
        let all: FlowExpectation = .balanced([.pod(1), .remote(1)], .always)
        let members: [Member] = [.ready(.pod(1)), .ready(.remote(1))]
        let open = ServiceSketch(40, "ranges", members) { $0.loadBalancerSourceRanges = ranges }
        let empty = ServiceSketch(41, "ranges-empty") { $0.loadBalancerSourceRanges = ranges }
        let guarded = ServiceSketch(
            42, "ranges-node-port", members, annotations: ["apus.dev/source-ranges-node-port": "true"]
        ) { $0.loadBalancerSourceRanges = ranges }
        return [
            (
                open,
                [
                    open.when("load-balancer IP from inside", from: .client, source: 1, to: .loadBalancerIP, all),
                    open.when("load-balancer IP from outside", from: .client, to: .loadBalancerIP, .dropped),
                    open.when("load-balancer IP from a pod", from: .pod(2), to: .loadBalancerIP, .dropped),
                    open.when("load-balancer IP from the node", from: .node, to: .loadBalancerIP, .dropped),
                    open.when("cluster IP from outside", from: .client, to: .clusterIP, all),
                    open.when("external IP from outside", from: .client, to: .externalIP, all),
                    open.when("node port from outside", from: .client, to: .nodePort(), all),
                ]
            ),
            (
                empty,
                [
                    empty.when("no endpoints, from outside", from: .client, to: .loadBalancerIP, .dropped),
                    empty.when("no endpoints, from inside", from: .client, source: 1, to: .loadBalancerIP, .refused),
                    empty.when("no endpoints, node port", from: .client, to: .nodePort(), .refused),
                ]
            ),
            (
                guarded,
                [
                    guarded.when("node port from outside", from: .client, to: .nodePort(), .dropped),
                    guarded.when("node port from inside", from: .client, source: 1, to: .nodePort(), all),
                    guarded.when("load-balancer IP from outside", from: .client, to: .loadBalancerIP, .dropped),
                    guarded.when("cluster IP from outside", from: .client, to: .clusterIP, all),
                ]
            ),
        ]
    }
}
