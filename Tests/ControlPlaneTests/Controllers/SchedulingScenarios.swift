import TestPrograms
import TestThreads
import Testing

/// Where pods go, with all parts of a control plane and simulated nodes.
@Suite(.ownThread, .needs("kubectl"), .timeLimit(.minutes(30)))
struct SchedulingScenarios {
    private static func pod(_ name: String, cpu: Int, metadata: String = "", spec: String = "") -> String {
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: \(name)\(metadata.isEmpty ? "" : ", ")\(metadata)}
        spec:
          containers: [{name: c, image: web, resources: {requests: {cpu: "\(cpu)"}}}]
          \(spec)
        """
    }

    private static func deployment(_ name: String, replicas: Int, _ spec: String) -> String {
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: \(name)}
        spec:
          replicas: \(replicas)
          selector: {matchLabels: {app: \(name)}}
          template:
            metadata: {labels: {app: \(name)}}
            spec:
              containers: [{name: c, image: web}]
              \(spec)
        """
    }

    /// Of two nodes the one is taken whose pod no budget keeps; the pod ends in its own time, and meanwhile the node is
    /// promised.
    @Test func aPreemptionKeepsBudgetsAndGrace() throws {
        let cluster = try Cluster(nodes: 2, scheduler: true, agent: ["--capacity", "cpu=2,memory=8Gi,pods=10"])
        try cluster.eventually("get sa default -o name", is: "serviceaccount/default")
        let objects = [
            "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: urgent}\nvalue: 1000",
            Self.pod("kept", cpu: 2, metadata: "labels: {app: kept}", spec: "nodeName: sim-0"),
            Self.pod(
                "spare", cpu: 2, metadata: #"annotations: {apus.dev/simulate-stop-after: "12"}"#,
                spec: "nodeName: sim-1"),
        ]
        try cluster.kube("create -f -", input: objects.joined(separator: "\n---\n"))
        try cluster.kube("create pdb kept --selector=app=kept --min-available=1")
        try cluster.eventually("get pdb kept -o jsonpath={.status.currentHealthy}", is: "1")
        try cluster.kube("create -f -", input: Self.pod("first", cpu: 2, spec: "priorityClassName: urgent"))
        try cluster.eventually(
            "get pod first -o jsonpath={.status.nominatedNodeName}/{.spec.nodeName}", is: "sim-1/")
        let condition = #"{.status.conditions[?(@.type=="DisruptionTarget")].reason}"#
        try cluster.eventually(
            "get pod spare -o 'jsonpath=\(condition)/{.metadata.deletionGracePeriodSeconds}'",
            is: "PreemptionByScheduler/30")
        try cluster.eventually("get pod first -o jsonpath={.spec.nodeName}", is: "sim-1")
        try #expect(cluster.plane.refusal("get pod spare").contains("not found"))
        try #expect(cluster.kube("get pod kept -o jsonpath={.status.phase}") == "Running")
    }

    @Test func gatesSpreadAndAntiAffinityAreKept() throws {
        let cluster = try Cluster(nodes: 3, scheduler: true, agent: ["--zones", "a,b,c"])
        try cluster.eventually("get sa default -o name", is: "serviceaccount/default")
        let objects = [
            Self.pod("gated", cpu: 1, spec: "schedulingGates: [{name: example.org/later}]"),
            Self.deployment(
                "even", replicas: 6,
                "topologySpreadConstraints: [{maxSkew: 1, topologyKey: topology.kubernetes.io/zone, "
                    + "whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: even}}}]"),
            Self.deployment(
                "apart", replicas: 4,
                "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
                    + "[{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: apart}}}]}}"),
        ]
        try cluster.kube("create -f -", input: objects.joined(separator: "\n---\n"))
        try cluster.eventually("get pods -l app=even -o jsonpath={.items[*].spec.nodeName}") {
            $0.split(separator: " ").sorted() == ["sim-0", "sim-0", "sim-1", "sim-1", "sim-2", "sim-2"]
        }
        try cluster.eventually("describe pods -l app=apart") {
            $0.contains("0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.")
        }
        try cluster.eventually("get pods -l app=apart -o jsonpath={.items[*].spec.nodeName}") {
            $0.split(separator: " ").sorted() == ["sim-0", "sim-1", "sim-2"]
        }
        // Nothing is tried while a gate is there; explain says so.
        try cluster.eventually("get pod gated --no-headers") { $0.contains("SchedulingGated") }
        var apus = try #require(Tool(ControlPlane.program))
        apus.environment = ["HOME": cluster.plane.folder.path]
        let answer = try apus.run(["scheduler", "explain", "gated", "--kubeconfig", cluster.plane.kubeconfig])
        #expect(
            answer.output.hasPrefix("default/gated: it waits until its scheduling gates are gone: example.org/later"))
        try cluster.kube(#"patch pod gated --type=merge -p '{"spec":{"schedulingGates":null}}'"#)
        try cluster.eventually("get pod gated -o jsonpath={.status.phase}", is: "Running")
    }

    @Test func aHostPortIsHadOnce() throws {
        let cluster = try Cluster(nodes: 1, scheduler: true)
        try cluster.eventually("get sa default -o name", is: "serviceaccount/default")
        for name in ["one", "two"] {
            let pod = """
                apiVersion: v1
                kind: Pod
                metadata: {name: \(name)}
                spec: {containers: [{name: c, image: web, ports: [{containerPort: 80, hostPort: 8080}]}]}
                """
            try cluster.kube("create -f -", input: pod)
            if name == "one" { try cluster.eventually("get pod one -o jsonpath={.spec.nodeName}", is: "sim-0") }
        }
        try cluster.eventually("describe pod two") {
            $0.contains("1 node(s) didn't have free ports for the requested pod ports")
        }
        try cluster.kube("delete pod one")
        try cluster.eventually("get pod two -o jsonpath={.spec.nodeName}", is: "sim-0")
    }
}
