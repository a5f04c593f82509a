import Foundation
import TestPrograms
import TestThreads
import Testing

/// Controller manager and scheduler at an API server that is not ours in what it does: `Clients/faulty_proxy.py`.
@Suite(.ownThread, .needs("kubectl", "python3"), .timeLimit(.minutes(30)))
struct FaultScenarios {
    private static let workload = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 20
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              terminationGracePeriodSeconds: 1
              containers: [{name: c, image: "web:v1", ports: [{containerPort: 80}]}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {selector: {app: web}, ports: [{port: 80}]}
        ---
        apiVersion: batch/v1
        kind: Job
        metadata: {name: work}
        spec:
          completions: 12
          parallelism: 4
          template:
            metadata: {annotations: {apus.dev/simulate-run-for: "0.2"}}
            spec: {restartPolicy: Never, containers: [{name: c, image: work}]}
        """

    @Test(arguments: [3]) func theyEndInTheRightState(seed: Int) throws {
        let cluster = try Cluster(nodes: 3)
        cluster.crash("manager")
        let kubeconfig = cluster.plane.folder.appending(path: "faulty.kubeconfig").path
        let script = PythonClients.root.appending(path: "Tests/ControlPlaneTests/Clients/faulty_proxy.py").path
        try cluster.run(
            "proxy", try #require(Program.path("python3")), [script, cluster.plane.kubeconfig, "\(seed)", kubeconfig])
        let deadline = ContinuousClock.now + .seconds(90)
        while !FileManager.default.fileExists(atPath: kubeconfig), ContinuousClock.now < deadline {
            Pause.milliseconds(20)
        }
        try cluster.run(
            "manager", ControlPlane.program,
            ["controller-manager", "--port", "0", "--leader-elect=false", "--kubeconfig", kubeconfig])
        try cluster.run(
            "scheduler", ControlPlane.program,
            ["scheduler", "--port", "0", "--leader-elect=false", "--kubeconfig", kubeconfig])
        try cluster.eventually("get sa default -o name", is: "serviceaccount/default")
        try cluster.kube("apply -f -", input: Self.workload)
        let counts =
            "get deploy web -o jsonpath={.status.replicas}/{.status.updatedReplicas}/{.status.availableReplicas}"
        try cluster.eventually(counts, is: "20/20/20", seconds: 120)
        try cluster.kube("set image deploy/web c=web:v2")
        try cluster.kube("scale deploy/web --replicas=8")
        try cluster.eventually(counts, is: "8/8/8", seconds: 120)
        try cluster.eventually("get pods -l app=web -o jsonpath={.items[*].spec.containers[*].image}", seconds: 120) {
            $0.split(separator: " ") == Array(repeating: "web:v2", count: 8)
        }
        try cluster.eventually(
            "get endpointslices -l kubernetes.io/service-name=web -o jsonpath={.items[*].endpoints[*].conditions.ready}",
            seconds: 120
        ) { $0.split(separator: " ") == Array(repeating: "true", count: 8) }
        try cluster.eventually("get job work -o jsonpath={.status.succeeded}/{.status.failed}", is: "12/", seconds: 120)
        try cluster.eventually("get pods -l job-name=work -o name") { $0.split(separator: "\n").count == 12 }
        try cluster.kube("delete deploy web")
        try cluster.eventually("get rs,pods -l app=web -o name", is: "", seconds: 120)
        for fault in ["busy", "conflict", "expired", "lost", "unavailable"] {
            #expect(cluster.log("proxy").contains("\(fault) "), "seed \(seed)")
        }
    }
}
