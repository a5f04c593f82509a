import Foundation
import TestPrograms
import TestThreads
import Testing

/// The life of DaemonSets, StatefulSets and ReplicationControllers as kubectl's users see it.
@Suite(.ownThread, .needs("kubectl"), .timeLimit(.minutes(30)))
struct SetScenarios {
    private static let images = "get pods -o jsonpath={.items[*].spec.containers[*].image}"

    private static func expectImages(_ cluster: Cluster, _ image: String, count: Int) throws {
        try cluster.eventually(images) { $0.split(separator: " ") == Array(repeating: image[...], count: count) }
    }

    private static let daemonSet = """
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: agent}
        spec:
          selector: {matchLabels: {app: agent}}
          template:
            metadata: {labels: {app: agent}}
            spec:
              terminationGracePeriodSeconds: 1
              containers: [{name: c, image: "agent:v1"}]
        """

    @Test func aDaemonSetsLife() throws {
        let cluster = try Cluster(nodes: 3, scheduler: true)
        try cluster.kube("apply -f -", input: Self.daemonSet)
        try cluster.kube("rollout status ds/agent --timeout=120s")
        let nodes = "get pods -o jsonpath={.items[*].spec.nodeName}"
        try cluster.eventually(nodes) { Set($0.split(separator: " ")) == ["sim-0", "sim-1", "sim-2"] }
        // A node that comes gets its pod.
        try cluster.start("more", ["agent", "--simulate", "1", "--node-name-prefix", "new-"])
        try cluster.eventually(nodes) { $0.contains("new-0") }
        // Roll, and back.
        try cluster.kube("set image ds/agent c=agent:v2")
        try cluster.kube("rollout status ds/agent --timeout=120s")
        try Self.expectImages(cluster, "agent:v2", count: 4)
        try cluster.kube("rollout undo ds/agent")
        try cluster.kube("rollout status ds/agent --timeout=120s")
        try Self.expectImages(cluster, "agent:v1", count: 4)
        // Only where the labels are; one that fails is made anew.
        try cluster.kube("label node sim-1 disk=ssd")
        try cluster.kube(
            "patch ds agent --type=merge -p {\"spec\":{\"template\":{\"spec\":{\"nodeSelector\":{\"disk\":\"ssd\"}}}}}")
        try cluster.eventually(nodes, is: "sim-1")
        try cluster.eventually(
            "get ds agent -o jsonpath={.status.numberReady}/{.status.desiredNumberScheduled}", is: "1/1")
        let name = try cluster.kube("get pods -o name")
        try cluster.kube("delete \(name)")
        try cluster.eventually("get pods -o name") { !$0.isEmpty && $0 != name && !$0.contains("\n") }
        // Orphans stay, and a new set adopts them.
        try cluster.eventually("get ds agent -o jsonpath={.status.numberReady}", is: "1")
        let kept = try cluster.kube("get pods -o name")
        try cluster.kube("delete ds agent --cascade=orphan")
        try cluster.eventually("get pods -o jsonpath={.items[*].metadata.ownerReferences}", is: "")
        try #expect(cluster.kube("get pods -o name") == kept)
        try cluster.kube("delete pods --all")
        try cluster.kube("apply -f -", input: Self.daemonSet)
        try cluster.kube("rollout status ds/agent --timeout=120s")
        try cluster.kube("delete ds agent --cascade=foreground --timeout=120s")
        try cluster.eventually("get pods,ds,controllerrevisions -o name", is: "")
    }

    /// With surge a node's old pod ends when its new one is there; no node is without one in between.
    @Test func aSurgeLeavesNoNodeWithoutItsDaemon() throws {
        let cluster = try Cluster(nodes: 2, scheduler: true)
        let slow = Self.daemonSet.replacing(
            "labels: {app: agent}}\n    spec",
            with: "labels: {app: agent}, annotations: {apus.dev/simulate-ready-after: '1'}}\n    spec")
        try cluster.kube(
            "apply -f -",
            input: slow.replacing(
                "spec:\n  selector",
                with: "spec:\n  updateStrategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}\n  selector"))
        let state = "{.status.numberAvailable}/{.status.updatedNumberScheduled}/{.status.observedGeneration}"
        try cluster.eventually("get ds agent -o jsonpath=\(state)", is: "2/2/1")
        try cluster.kube("set image ds/agent c=agent:v2")
        var seen: Set<String> = []
        try cluster.eventually("get ds agent -o jsonpath=\(state)", seconds: 90) {
            seen.insert($0)
            return $0 == "2/2/2"
        }
        #expect(seen.allSatisfy { $0.hasPrefix("2/") }, "\(seen)")
        try cluster.kube("rollout status ds/agent --timeout=120s")
        try Self.expectImages(cluster, "agent:v2", count: 2)
    }

    private static func statefulSet(replicas: Int = 3, more: String = "") -> String {
        """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: db}
        spec:
          replicas: \(replicas)
          serviceName: db
          selector: {matchLabels: {app: db}}
        \(more)
          template:
            metadata: {labels: {app: db}}
            spec:
              nodeName: sim-0
              terminationGracePeriodSeconds: 1
              containers: [{name: c, image: "db:v1"}]
          volumeClaimTemplates:
          - metadata: {name: data}
            spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
        """
    }

    @Test func aStatefulSetsLife() throws {
        let cluster = try Cluster()
        try cluster.kube("apply -f -", input: Self.statefulSet())
        try cluster.kube("rollout status sts/db --timeout=120s")
        try #expect(cluster.kube("get pods -o name") == "pod/db-0\npod/db-1\npod/db-2")
        let claims = "get pvc -o jsonpath={.items[*].metadata.name}"
        try #expect(cluster.kube(claims) == "data-db-0 data-db-1 data-db-2")
        try cluster.kube("scale sts/db --replicas=4")
        try cluster.eventually("get sts db -o jsonpath={.status.readyReplicas}", is: "4")
        try cluster.kube("scale sts/db --replicas=2")
        try cluster.eventually("get pods -o name", is: "pod/db-0\npod/db-1")
        // Claims stay, as nothing else was asked for.
        try #expect(cluster.kube(claims) == "data-db-0 data-db-1 data-db-2 data-db-3")
        // Only from the partition on; then all, and back.
        try cluster.kube(
            "patch sts db --type=merge -p {\"spec\":{\"updateStrategy\":{\"rollingUpdate\":{\"partition\":1}}}}")
        try cluster.kube("set image sts/db c=db:v2")
        try cluster.eventually(Self.images, is: "db:v1 db:v2")
        try cluster.kube(
            "patch sts db --type=merge -p {\"spec\":{\"updateStrategy\":{\"rollingUpdate\":{\"partition\":0}}}}")
        try cluster.eventually(Self.images, is: "db:v2 db:v2")
        try cluster.kube("rollout undo sts/db")
        try cluster.kube("rollout status sts/db --timeout=120s")
        try Self.expectImages(cluster, "db:v1", count: 2)
        try cluster.kube("delete sts db --cascade=orphan")
        try cluster.eventually("get pods -o jsonpath={.items[*].metadata.ownerReferences}", is: "")
        let uids = try cluster.kube("get pods -o jsonpath={.items[*].metadata.uid}")
        try cluster.kube("apply -f -", input: Self.statefulSet(replicas: 2))
        try cluster.eventually("get pods -o jsonpath={.items[*].metadata.ownerReferences[*].name}", is: "db db")
        try #expect(cluster.kube("get pods -o jsonpath={.items[*].metadata.uid}") == uids)
        try cluster.kube("delete sts db --cascade=foreground --timeout=120s")
        try cluster.eventually("get pods,controllerrevisions -o name", is: "")
    }

    /// Without order nobody waits for a pod that does not become ready.
    @Test func aParallelSetDoesNotWait() throws {
        let cluster = try Cluster()
        let never = Self.statefulSet(more: "  podManagementPolicy: Parallel").replacing(
            "labels: {app: db}}", with: "labels: {app: db}, annotations: {apus.dev/simulate-ready: 'false'}}")
        try cluster.kube("apply -f -", input: never)
        try cluster.eventually("get pods -o name", is: "pod/db-0\npod/db-1\npod/db-2")
        try cluster.eventually("get sts db -o jsonpath={.status.replicas}/{.status.readyReplicas}", is: "3/")
        try cluster.kube("scale sts/db --replicas=1")
        try cluster.eventually("get pods -o name", is: "pod/db-0")
        try cluster.kube("delete sts db")
        try cluster.eventually("get pods,controllerrevisions -o name", is: "")
    }

    @Test func claimsGoAsTheRetentionPolicySays() throws {
        let cluster = try Cluster()
        let policy = "  persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Delete}"
        try cluster.kube("apply -f -", input: Self.statefulSet(more: policy))
        try cluster.kube("rollout status sts/db --timeout=120s")
        let claims = "get pvc -o jsonpath={.items[*].metadata.name}"
        try cluster.eventually("get pvc -o jsonpath={.items[*].metadata.ownerReferences[*].kind}") {
            $0 == "StatefulSet StatefulSet StatefulSet"
        }
        try cluster.kube("scale sts/db --replicas=1")
        try cluster.eventually(claims, is: "data-db-0")
        // What comes back is new.
        try cluster.kube("scale sts/db --replicas=2")
        try cluster.eventually("get sts db -o jsonpath={.status.readyReplicas}", is: "2")
        try cluster.eventually(claims, is: "data-db-0 data-db-1")
        try cluster.kube("delete sts db")
        try cluster.eventually("get pods,pvc -o name", is: "")
    }

    @Test func aReplicaSetsLife() throws {
        let cluster = try Cluster()
        let set = """
            apiVersion: apps/v1
            kind: ReplicaSet
            metadata: {name: web}
            spec:
              replicas: 2
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec: {nodeName: sim-0, terminationGracePeriodSeconds: 1, containers: [{name: c, image: "web:v1"}]}
            """
        try cluster.kube("apply -f -", input: set)
        let state = "get rs web -o jsonpath={.status.replicas}/{.status.readyReplicas}/{.status.observedGeneration}"
        try cluster.eventually(state, is: "2/2/1")
        try cluster.kube("scale rs/web --replicas=3")
        try cluster.eventually(state, is: "3/3/2")
        // A template reaches only pods that come later.
        try cluster.kube("set image rs/web c=web:v2")
        let name = try #require(cluster.kube("get pods -o name").split(separator: "\n").first)
        try cluster.kube("delete \(name)")
        try cluster.eventually(Self.images) { $0.split(separator: " ").sorted() == ["web:v1", "web:v1", "web:v2"] }
        // Orphans are taken by the next one, which ends the one too many.
        try cluster.kube("delete rs web --cascade=orphan")
        try cluster.eventually("get pods -o jsonpath={.items[*].metadata.ownerReferences}", is: "")
        try cluster.kube("apply -f -", input: set)
        try cluster.eventually("get pods -o jsonpath={.items[*].metadata.ownerReferences[*].name}", is: "web web")
        try cluster.kube("delete rs web --cascade=foreground --timeout=120s")
        try cluster.eventually("get rs,pods -o name", is: "")
    }

    @Test func aReplicationControllersLife() throws {
        let cluster = try Cluster()
        try cluster.kube(
            "apply -f -",
            input: """
                apiVersion: v1
                kind: ReplicationController
                metadata: {name: old}
                spec:
                  replicas: 2
                  template:
                    metadata: {labels: {app: old}}
                    spec: {nodeName: sim-0, terminationGracePeriodSeconds: 1, containers: [{name: c, image: "old:v1"}]}
                """)
        let ready = "get rc old -o jsonpath={.status.readyReplicas}"
        try cluster.eventually(ready, is: "2")
        try cluster.kube("scale rc/old --replicas=4")
        try cluster.eventually(ready, is: "4")
        // A pod whose labels do not match any more is let go of, and another takes its place.
        let name = try #require(cluster.kube("get pods -o name").split(separator: "\n").first)
        try cluster.kube("label \(name) app=other --overwrite")
        try cluster.eventually("get pods -l app=old -o name") { $0.split(separator: "\n").count == 4 }
        try #expect(cluster.kube("get \(name) -o jsonpath={.metadata.ownerReferences}").isEmpty)
        try cluster.kube("scale rc/old --replicas=1")
        try cluster.eventually(ready, is: "1")
        try cluster.kube("delete rc old")
        try cluster.eventually("get pods -o name", is: "\(name)")
    }

    @Test func aRecreatedDeploymentNeverRunsTwoTemplates() throws {
        let cluster = try Cluster()
        try cluster.kube(
            "apply -f -",
            input: """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: one}
                spec:
                  replicas: 2
                  strategy: {type: Recreate}
                  selector: {matchLabels: {app: one}}
                  template:
                    metadata: {labels: {app: one}, annotations: {apus.dev/simulate-stop-after: "1"}}
                    spec: {nodeName: sim-0, containers: [{name: c, image: "one:v1"}]}
                """)
        try cluster.kube("rollout status deploy/one --timeout=120s")
        try cluster.kube("set image deploy/one c=one:v2")
        let deadline = ContinuousClock.now + .seconds(40)
        while ContinuousClock.now < deadline {
            let seen = try cluster.kube(Self.images).split(separator: " ")
            #expect(Set(seen).count <= 1, "\(seen)")
            if seen == ["one:v2", "one:v2"] { break }
        }
        try cluster.kube("rollout status deploy/one --timeout=120s")
        try cluster.kube("rollout restart deploy/one")
        try cluster.kube("rollout status deploy/one --timeout=120s")
        try #expect(cluster.kube("rollout history deploy/one").contains("3"))
    }
}
