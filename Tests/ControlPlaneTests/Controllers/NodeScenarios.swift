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

    private static func pod(_ name: String, node: String, phase: String = "") -> String {
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: \(name)\(phase.isEmpty ? "" : ", annotations: {apus.dev/simulate-phase: \(phase)}")}
        spec:
          nodeName: \(node)
          restartPolicy: \(phase.isEmpty ? "Always" : "Never")
          containers: [{name: c, image: example.org/app}]
        """
    }

    /// Of finished pods the newest stay; those of a node that is gone go with it.
    @Test func podsThatNobodyEndsAreCollected() throws {
        let cluster = try Cluster(nodes: 1, manager: ["--terminated-pod-gc-threshold", "2"])
        try cluster.eventually("get serviceaccount default -o name", is: "serviceaccount/default")
        for number in 1...4 {
            try cluster.kube("apply -f -", input: Self.pod("done-\(number)", node: "sim-0", phase: "Succeeded"))
            try cluster.eventually("get pod done-\(number) -o jsonpath={.status.phase}") { $0 != "Pending" }
            Pause.milliseconds(1100)
        }
        try cluster.kube("apply -f -", input: Self.pod("running", node: "sim-0"))
        try cluster.kube("apply -f -", input: Self.pod("nowhere", node: "no-such-node"))
        try cluster.eventually("get pods -o name", seconds: 180) { $0 == "pod/done-3\npod/done-4\npod/running" }
        try #expect(cluster.kube("get pod running -o jsonpath={.status.phase}") == "Running")
    }

    /// Somebody has made sure that the machine runs nothing any more: nobody waits for it.
    @Test func aNodeOutOfServiceLosesItsPodsAtOnce() throws {
        let cluster = try Cluster(nodes: 2, manager: ["--node-monitor-grace-period", "13s"])
        try cluster.eventually("get serviceaccount default -o name", is: "serviceaccount/default")
        try cluster.kube("apply -f -", input: Self.pod("stuck", node: "sim-1"))
        try cluster.eventually("get pod stuck -o jsonpath={.status.phase}", is: "Running")
        try cluster.kube("annotate node sim-1 apus.dev/simulate-silence=true")
        try cluster.eventually(
            "get pod stuck -o jsonpath={.status.conditions[?(@.type==\"Ready\")].status}", is: "False", seconds: 60)
        try cluster.eventually("describe pod stuck") { $0.contains("Node is not ready") }
        try cluster.eventually("describe node sim-1") {
            $0.contains("Registered Node sim-1 in Controller") && $0.contains("status is now: NodeNotReady")
        }
        try cluster.kube("delete pod stuck --wait=false")
        try cluster.eventually("get pod stuck -o jsonpath={.metadata.deletionTimestamp}") { !$0.isEmpty }
        Pause.milliseconds(2000)
        try #expect(cluster.kube("get pods -o name") == "pod/stuck", "its node says nothing")
        try cluster.kube("taint node sim-1 node.kubernetes.io/out-of-service=nodeshutdown:NoExecute")
        try cluster.eventually("get pods -o name", is: "", seconds: 60)
    }
}
