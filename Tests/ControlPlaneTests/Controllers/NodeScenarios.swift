import Foundation
import TestPrograms
import TestThreads
import Testing

/// Nodes that come, fall silent and come back.
@Suite(
    .ownThread, .needs("kubectl"),
    .timeLimit(.minutes(30)))
struct NodeScenarios {
    private static let pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: app}
        spec:
          nodeName: sim-1
          containers: [{name: c, image: example.org/app}]
          tolerations:
          - {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 1}
        """

    @Test func aSilentNodeLosesItsPodsAndComesBack() throws {
        let cluster = try Cluster(
            nodes: 3,
            manager: [
                "--node-monitor-grace-period", "13s", "--node-eviction-rate", "100", "--allocate-node-cidrs",
                "--cluster-cidr", "10.244.0.0/16,fd00:10::/48",
            ])
        try cluster.eventually("get nodes -o jsonpath={.items[*].spec.podCIDR}") {
            Set($0.split(separator: " ")) == ["10.244.0.0/24", "10.244.1.0/24", "10.244.2.0/24"]
        }
        try cluster.eventually("get nodes -o jsonpath={.items[*].spec.podCIDRs[1]}") {
            Set($0.split(separator: " ")) == ["fd00:10::/64", "fd00:10:0:1::/64", "fd00:10:0:2::/64"]
        }
        try cluster.kube("apply -f -", input: Self.pod)
        try cluster.eventually("get pod app -o jsonpath={.status.phase}", is: "Running")
        try cluster.kube("annotate node sim-1 apus.dev/simulate-silence=true")
        let ready = "get node sim-1 -o jsonpath={.status.conditions[?(@.type==\"Ready\")].status}"
        try cluster.eventually(ready, is: "Unknown", seconds: 60)
        try cluster.eventually("get node sim-1 -o jsonpath={.spec.taints[*].key}") { $0.contains("unreachable") }
        try cluster.eventually("get pod app -o jsonpath={.metadata.deletionTimestamp}") { !$0.isEmpty }
        try cluster.eventually("get events --field-selector involvedObject.name=app -o jsonpath={.items[*].reason}") {
            $0.contains("TaintManagerEviction")
        }
        try cluster.kube("annotate node sim-1 apus.dev/simulate-silence-")
        try cluster.eventually(ready, is: "True", seconds: 60)
        try cluster.eventually("get node sim-1 -o jsonpath={.spec.taints}", is: "")
        try cluster.eventually("get pod app -o name --ignore-not-found", is: "")
    }
}
