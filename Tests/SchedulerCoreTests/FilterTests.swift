import KubeAPI
import Testing

@testable import SchedulerCore

/// Each filter by itself, and the text of FailedScheduling.
@Suite struct FilterTests {
    private func cluster(_ nodes: NodeDescription...) -> Cluster {
        var cluster = Cluster()
        for node in nodes { cluster.set(node) }
        return cluster
    }

    private func refusal(_ pod: Pod, _ node: NodeDescription, _ others: Pod...) -> String? {
        var cluster = cluster(node)
        for other in others { cluster.place(other, on: node.name) }
        return cluster.decide(pod).diagnosis?.message()
    }

    @Test func aPodThatFitsIsPlaced() throws {
        #expect(refusal(try Make.pod("a", cpu: "4"), try Make.node("n")) == nil)
    }

    @Test func eachShortageIsNamed() throws {
        let node = try Make.node("n", cpu: "2", memory: "1Gi", pods: "1")
        let text = refusal(try Make.pod("a", cpu: "2", memory: "2Gi"), node, try Make.pod("b", cpu: "1"))
        #expect(text == "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 Too many pods.")
    }

    @Test func extendedResourcesAreNamed() throws {
        let pod = try Make.pod("a", spec: ["containers": [["resources": ["requests": ["example.org/gpu": "2"]]]]])
        #expect(refusal(pod, try Make.node("n")) == "0/1 nodes are available: 1 Insufficient example.org/gpu.")
        #expect(refusal(pod, try Make.node("n", more: ["example.org/gpu": "2"])) == nil)
    }

    @Test func aCordonedNodeRefuses() throws {
        let node = try Make.node("n", unschedulable: true)
        #expect(refusal(try Make.pod("a"), node) == "0/1 nodes are available: 1 node(s) were unschedulable.")
        let tolerant = try Make.pod(
            "a", spec: ["tolerations": [["key": "node.kubernetes.io/unschedulable", "operator": "Exists"]]])
        #expect(refusal(tolerant, node) == nil)
    }

    @Test(arguments: [
        (#"[]"#, false), (#"[{"operator":"Exists"}]"#, true), (#"[{"key":"k","operator":"Exists"}]"#, true),
        (#"[{"key":"k","value":"v"}]"#, true), (#"[{"key":"k","value":"w"}]"#, false),
        (#"[{"key":"k","value":"v","effect":"NoSchedule"}]"#, true),
        (#"[{"key":"k","value":"v","effect":"NoExecute"}]"#, false),
        (#"[{"key":"j","operator":"Exists"}]"#, false),
    ])
    func taints(tolerations: String, isTolerated: Bool) throws {
        let pod = try Make.pod("a", spec: ["tolerations": try JSONParser.parse(tolerations)])
        let text = refusal(pod, try Make.node("n", taints: [Make.taint("k", "v")]))
        #expect(
            text == (isTolerated ? nil : "0/1 nodes are available: 1 node(s) had untolerated taint {k: v}."))
    }

    @Test func preferNoScheduleDoesNotRefuse() throws {
        #expect(
            refusal(try Make.pod("a"), try Make.node("n", taints: [Make.taint("k", "", "PreferNoSchedule")])) == nil)
    }

    @Test(arguments: [
        (#"{"matchExpressions":[{"key":"disk","operator":"In","values":["ssd","nvme"]}]}"#, true),
        (#"{"matchExpressions":[{"key":"disk","operator":"NotIn","values":["ssd"]}]}"#, false),
        (#"{"matchExpressions":[{"key":"none","operator":"NotIn","values":["ssd"]}]}"#, true),
        (#"{"matchExpressions":[{"key":"disk","operator":"Exists"}]}"#, true),
        (#"{"matchExpressions":[{"key":"disk","operator":"DoesNotExist"}]}"#, false),
        (#"{"matchExpressions":[{"key":"cores","operator":"Gt","values":["7"]}]}"#, true),
        (#"{"matchExpressions":[{"key":"cores","operator":"Lt","values":["8"]}]}"#, false),
        (#"{"matchExpressions":[{"key":"disk","operator":"Gt","values":["7"]}]}"#, false),
        (#"{"matchFields":[{"key":"metadata.name","operator":"In","values":["n"]}]}"#, true),
        (#"{"matchFields":[{"key":"metadata.name","operator":"NotIn","values":["n"]}]}"#, false),
        (#"{}"#, false),
    ])
    func nodeAffinity(term: String, isAllowed: Bool) throws {
        let pod = try Make.pod(
            "a",
            spec: [
                "affinity": [
                    "nodeAffinity": [
                        "requiredDuringSchedulingIgnoredDuringExecution": [
                            "nodeSelectorTerms": [try JSONParser.parse(term)]
                        ]
                    ]
                ]
            ])
        let text = refusal(pod, try Make.node("n", labels: ["disk": "ssd", "cores": "8"]))
        let expected = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."
        #expect(text == (isAllowed ? nil : expected))
    }

    @Test func nodeSelectorMustMatch() throws {
        let pod = try Make.pod("a", spec: ["nodeSelector": ["disk": "ssd"]])
        #expect(refusal(pod, try Make.node("n", labels: ["disk": "ssd"])) == nil)
        #expect(refusal(pod, try Make.node("n", labels: ["disk": "hdd"])) != nil)
    }

    /// DaemonSet pods name their node: nobody looks at the others.
    @Test func aNamedNodeIsTheOnlyOneLookedAt() throws {
        let field: JSONValue = ["key": "metadata.name", "operator": "In", "values": ["b"]]
        let pod = try Make.pod(
            "a", cpu: "1",
            spec: [
                "affinity": ["nodeAffinity": [.init(Make.required): ["nodeSelectorTerms": [["matchFields": [field]]]]]]
            ])
        var cluster = cluster(try Make.node("a"), try Make.node("b"), try Make.node("c"))
        let decision = cluster.decide(pod)
        #expect(decision.node == "b")
        #expect(decision.explanation.unseen == 2)
        cluster.place(try Make.pod("full", cpu: "4"), on: "b")
        #expect(
            cluster.decide(pod).diagnosis?.message()
                == "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity].")
    }

    @Test(arguments: [
        ("", "TCP", 80, false), ("10.0.0.1", "TCP", 80, false), ("", "UDP", 80, true), ("", "TCP", 81, true),
    ])
    func hostPorts(address: String, transport: String, port: Int64, isFree: Bool) throws {
        func pod(_ name: String, _ address: String, _ transport: String, _ port: Int64) throws -> Pod {
            let json: JSONValue = [
                "hostPort": .integer(port), "protocol": .string(transport), "hostIP": .string(address),
            ]
            return try Make.pod(name, spec: ["containers": [["ports": [json]]]])
        }
        let taken = try pod("b", "", "TCP", 80)
        let text = refusal(try pod("a", address, transport, port), try Make.node("n"), taken)
        let expected = "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."
        #expect(text == (isFree ? nil : expected))
    }

    @Test func differentAddressesShareAPort() {
        let (a, b) = (
            HostPort(address: "10.0.0.1", transport: "TCP", port: 80),
            HostPort(address: "10.0.0.2", transport: "TCP", port: 80)
        )
        #expect(!a.collides(with: b))
        #expect(a.collides(with: a))
    }

    /// The words of `kubectl describe pod`, sorted as upstream sorts them.
    /// `matchLabelKeys` and `mismatchLabelKeys` (KEP-3243, KEP-3633) take the pod's own values: here its revision. On the
    /// only node there is a pod of revision 1.
    @Test(
        arguments: [
            // Anti-affinity among pods of one revision alone; among those of others.
            ("podAntiAffinity", "matchLabelKeys", "2", "old"), ("podAntiAffinity", "mismatchLabelKeys", "2", nil),
            ("podAntiAffinity", "matchLabelKeys", "1", nil), ("podAntiAffinity", "mismatchLabelKeys", "1", "old"),
            ("podAffinity", "matchLabelKeys", "1", "old"), ("podAffinity", "mismatchLabelKeys", "2", "old"),
            ("podAffinity", "mismatchLabelKeys", "1", nil),
            // A key that the pod has no label of adds nothing.
            ("podAntiAffinity", "matchLabelKeys", "", nil), ("podAntiAffinity", "mismatchLabelKeys", "", nil),
        ] as [(String, String, String, String?)])
    func termsTakeThePodsOwnLabels(affinity: String, list: String, revision: String, node: String?) throws {
        var cluster = cluster(try Make.node("old"))
        cluster.place(try Make.pod("first", labels: ["app": "a", "revision": "1"]), on: "old")
        var term = Make.affinityTerm(["app": "a"], "kubernetes.io/hostname")
        term[path: list] = ["revision"]
        var spec: JSONValue = .emptyObject
        spec[path: "affinity", affinity, Make.required] = [term]
        var labels = ["app": "a"]
        if !revision.isEmpty { labels["revision"] = revision }
        let pod = try Make.pod("p", labels: labels, spec: spec)
        #expect(cluster.decide(pod).node == node)
    }

    /// Each revision is spread by itself.
    @Test(arguments: [("1", nil), ("2", "n")] as [(String, String?)])
    func spreadTakesThePodsOwnLabels(revision: String, node: String?) throws {
        var cluster = cluster(
            try Make.node("n", labels: ["zone": "a"]), try Make.node("full", pods: "0", labels: ["zone": "b"]))
        cluster.place(try Make.pod("first", labels: ["app": "a", "revision": "1"]), on: "n")
        var constraint = Make.spread(["app": "a"], "zone")
        constraint[path: "matchLabelKeys"] = ["revision"]
        let pod = try Make.pod(
            "p", labels: ["app": "a", "revision": revision],
            spec: ["topologySpreadConstraints": .array([constraint])])
        #expect(cluster.decide(pod).node == node)
    }

    @Test func failuresAreCountedByReason() throws {
        var cluster = Cluster()
        for index in 0..<2 { cluster.set(try Make.node("small-\(index)", cpu: "1")) }
        for index in 0..<3 { cluster.set(try Make.node("tainted-\(index)", taints: [Make.taint("k", "v")])) }
        let pod = try Make.pod("a", cpu: "2")
        let decision = cluster.decide(pod)
        var cursor = SchedulingCursor(seed: 1)
        let plan = cluster.planPreemption(for: pod, after: decision, profile: Profile(), cursor: &cursor)
        guard case .decline(let preemption, _) = plan else {
            Issue.record("nothing to preempt")
            return
        }
        #expect(
            decision.diagnosis?.message(preemption: preemption)
                == "0/5 nodes are available: 2 Insufficient cpu, 3 node(s) had untolerated taint {k: v}. preemption: "
                + "0/5 nodes are available: 5 Preemption is not helpful for scheduling.")
    }

    @Test func withoutNodesNothingIsAvailable() throws {
        var cluster = Cluster()
        #expect(cluster.decide(try Make.pod("a")).diagnosis?.message() == "no nodes available to schedule pods")
    }
}
