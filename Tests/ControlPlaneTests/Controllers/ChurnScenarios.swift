import TestPrograms
import TestRandom
import TestThreads
import Testing

/// Whatever the controller manager and the scheduler were doing when they were killed, the next ones end in the right
/// state. `Benchmarks/controllers` does the same with 1,000 pods.
@Suite(.ownThread, .needs("kubectl"), .timeLimit(.minutes(30)))
struct ChurnScenarios {
    private static let names = ["a", "b", "c", "d"]
    private static let replicas = 30
    private static let processorsPerNode = 16

    private static func deployment(_ name: String) -> String {
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: \(name)}
        spec:
          replicas: 3
          selector: {matchLabels: {app: \(name)}}
          template:
            metadata: {labels: {app: \(name), churn: "yes"}}
            spec:
              terminationGracePeriodSeconds: 1
              containers: [{name: c, image: "example.org/web:v1", resources: {requests: {cpu: "1"}}}]
        """
    }

    private static let job = """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: work}
        spec:
          completions: 40
          parallelism: 8
          template:
            metadata: {annotations: {apus.dev/simulate-run-for: "0.3"}}
            spec: {restartPolicy: Never, containers: [{name: c, image: example.org/work}]}
        """

    @Test(arguments: [UInt64(7)])
    func killedManagersAndSchedulersEndInTheRightState(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let cluster = try Cluster(
            nodes: 9, scheduler: true,
            agent: ["--capacity", "cpu=\(Self.processorsPerNode),memory=64Gi,pods=110"])
        try cluster.eventually("get sa default -o name", is: "serviceaccount/default")
        let all = Self.names.map(Self.deployment).joined(separator: "\n---\n")
        try cluster.kube("apply -f -", input: "\(all)\n---\n\(Self.job)")
        for _ in 0..<10 {
            let name = Self.names.randomElement(using: &random) ?? "a"
            try cluster.kube("scale deploy/\(name) --replicas=\(Int.random(in: 0...40, using: &random))")
            if Int.random(in: 0..<4, using: &random) == 0 {
                try cluster.kube("set image deploy/\(name) c=example.org/web:v\(Int.random(in: 2...9, using: &random))")
            }
            Pause.milliseconds(.random(in: 10...400, using: &random))
            try cluster.restart(Bool.random(using: &random) ? "manager" : "scheduler")
        }
        for name in Self.names {
            try cluster.kube("scale deploy/\(name) --replicas=\(Self.replicas)")
            try cluster.kube("set image deploy/\(name) c=example.org/web:last")
        }
        try cluster.restart("manager")
        try Self.expectEnd(cluster, seed)
    }

    private static func expectEnd(_ cluster: Cluster, _ seed: UInt64) throws {
        let counts = "{.status.replicas}/{.status.updatedReplicas}/{.status.availableReplicas}"
        for name in names {
            try cluster.eventually(
                "get deploy \(name) -o jsonpath=\(counts)", is: "\(replicas)/\(replicas)/\(replicas)", seconds: 120)
        }
        // Each completion is counted once, and each has its pod.
        try cluster.eventually(
            "get job work -o jsonpath={.status.succeeded}/{.status.failed}/{.status.conditions[?(@.type==\"Complete\")].status}",
            is: "40//True", seconds: 120)
        try cluster.eventually("get pods -l job-name=work -o name") { $0.split(separator: "\n").count == 40 }
        try cluster.eventually("get pods -l churn=yes -o name") {
            $0.split(separator: "\n").count == replicas * names.count
        }
        let lines = try cluster.kube(
            "get pods -l churn=yes -o 'jsonpath={range .items[*]}{.spec.nodeName} {.status.podIP} {.spec.containers[0].image}{\"\\n\"}{end}'"
        )
        let pods = lines.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(pods.allSatisfy { $0.count == 3 && $0[2] == "example.org/web:last" }, "seed \(seed): \(lines)")
        #expect(Set(pods.compactMap { $0.dropFirst().first }).count == pods.count, "seed \(seed): \(lines)")
        // Nothing was bound beyond what a node has.
        let perNode = Dictionary(grouping: pods.compactMap(\.first)) { $0 }.mapValues(\.count)
        #expect(perNode.values.allSatisfy { $0 <= processorsPerNode }, "seed \(seed): \(perNode)")
    }
}
