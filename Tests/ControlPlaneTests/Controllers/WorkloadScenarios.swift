import Foundation
import TestPrograms
import TestThreads
import Testing

/// The life of workloads as kubectl's users see it. Pods name their node, so that no scheduler is needed.
@Suite(
    .ownThread, .needs("kubectl"),
    .timeLimit(.minutes(30)))
struct WorkloadScenarios {
    private static func deployment(replicas: Int = 3, image: String = "v1", more: String = "") -> String {
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: \(replicas)
          selector: {matchLabels: {app: web}}
        \(more)
          template:
            metadata: {labels: {app: web}}
            spec:
              nodeName: sim-0
              containers: [{name: c, image: "example.org/web:\(image)", ports: [{name: http, containerPort: 8080}]}]
        """
    }

    private static let service = """
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
        """

    @Test func aDeploymentsLife() throws {
        let cluster = try Cluster()
        try cluster.eventually("get sa default -o name", is: "serviceaccount/default")
        try cluster.eventually("get cm kube-root-ca.crt -o name", is: "configmap/kube-root-ca.crt")
        try cluster.eventually("get nodes -o name") { $0.split(separator: "\n").count == 2 }
        try cluster.kube("apply -f -", input: Self.deployment())
        try cluster.kube("apply -f -", input: Self.service)
        try #expect(
            cluster.kube("rollout status deploy/web --timeout=40s")
                .contains("deployment \"web\" successfully rolled out"))
        let ready =
            "get endpointslices -l kubernetes.io/service-name=web -o jsonpath={.items[*].endpoints[*].conditions.ready}"
        try cluster.eventually(ready, is: "true true true")
        try cluster.eventually(
            "get endpoints web -o jsonpath={.subsets[*].ports[*].port}", until: { $0.hasPrefix("8080") })
        // Scale, and roll.
        try cluster.kube("scale deploy/web --replicas=5")
        try cluster.eventually(ready, is: "true true true true true")
        try cluster.kube("set image deploy/web c=example.org/web:v2")
        try cluster.kube("rollout status deploy/web --timeout=40s")
        let images = "get pods -o jsonpath={.items[*].spec.containers[*].image}"
        try cluster.eventually(images) { Set($0.split(separator: " ")) == ["example.org/web:v2"] }
        try #expect(cluster.kube("rollout history deploy/web").contains("2"))
        // Roll back: the old ReplicaSet serves again.
        try cluster.kube("rollout undo deploy/web")
        try cluster.kube("rollout status deploy/web --timeout=40s")
        try cluster.eventually(images) { Set($0.split(separator: " ")) == ["example.org/web:v1"] }
        try #expect(cluster.kube("get rs -o name").split(separator: "\n").count == 2)
        try #expect(cluster.kube("describe deploy web").contains("ScalingReplicaSet"))
        try #expect(cluster.kube("describe rs -l app=web").contains("Created pod: web-"))
        // Background deletion takes everything along.
        try cluster.kube("delete deploy web")
        try cluster.eventually("get pods,rs -o name", is: "")
        try cluster.eventually(ready, is: "")
    }

    @Test func deletionByEachPolicy() throws {
        let cluster = try Cluster()
        try cluster.kube("apply -f -", input: Self.deployment(replicas: 2))
        try cluster.kube("rollout status deploy/web --timeout=40s")
        // Orphan: the ReplicaSet and its pods stay, and a new Deployment adopts them.
        try cluster.kube("delete deploy web --cascade=orphan")
        try cluster.eventually("get rs -o jsonpath={.items[*].metadata.ownerReferences}", is: "")
        let before = try cluster.kube("get pods -o name")
        #expect(before.split(separator: "\n").count == 2)
        try cluster.kube("apply -f -", input: Self.deployment(replicas: 2))
        try cluster.eventually(
            "get rs -o jsonpath={.items[*].metadata.ownerReferences[*].name}", is: "web")
        try #expect(cluster.kube("get pods -o name") == before)
        // Foreground: the Deployment is there until its pods are gone.
        try cluster.kube("delete deploy web --cascade=foreground --timeout=40s")
        try cluster.eventually("get pods,rs,deploy -o name", is: "")
        // An owner that never was.
        try cluster.kube(
            "apply -f -",
            input: """
                apiVersion: v1
                kind: ConfigMap
                metadata:
                  name: lost
                  ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: never, uid: 11111111-2222-3333-4444-555555555555}]
                """)
        try cluster.eventually("get cm lost -o name --ignore-not-found", is: "")
        // An owner in another namespace owns nothing here.
        try cluster.kube("create namespace elsewhere")
        try cluster.kube("create cm owner")
        let uid = try cluster.kube("get cm owner -o jsonpath={.metadata.uid}")
        try cluster.kube(
            "apply -n elsewhere -f -",
            input: """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: misled, ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: owner, uid: \(uid)}]}
                """)
        try cluster.eventually("get cm misled -n elsewhere -o name --ignore-not-found", is: "")
        try cluster.eventually("get events -n elsewhere --field-selector reason=OwnerRefInvalidNamespace") {
            $0.contains("name: owner, uid: \(uid)] does not exist in namespace \"elsewhere\"")
        }
    }

    /// Owners of a kind that the cluster learnt of while it ran.
    @Test func customOwnersTakeTheirsAlong() throws {
        let cluster = try Cluster(nodes: 0)
        try cluster.kube(
            "apply -f -",
            input: """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: garages.example.org}
                spec:
                  group: example.org
                  scope: Namespaced
                  names: {plural: garages, singular: garage, kind: Garage, listKind: GarageList}
                  versions:
                  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
                """)
        try cluster.kube("wait --for=condition=Established crd/garages.example.org --timeout=40s")
        func object(_ kind: String, _ name: String, owner: String = "") -> String {
            "apiVersion: \(kind)\nmetadata: {name: \(name)\(owner)}"
        }
        let garage = "example.org/v1\nkind: Garage"
        for policy in ["background", "foreground", "orphan"] {
            try cluster.kube("apply -f -", input: object(garage, policy))
            let uid = try cluster.kube("get garage \(policy) -o jsonpath={.metadata.uid}")
            let owner =
                ", ownerReferences: [{apiVersion: example.org/v1, kind: Garage, name: \(policy), uid: \(uid), "
                + "blockOwnerDeletion: true}]"
            try cluster.kube("apply -f -", input: object("v1\nkind: ConfigMap", "of-\(policy)", owner: owner))
            try cluster.kube("apply -f -", input: object(garage, "of-\(policy)", owner: owner))
            try cluster.kube("delete garage \(policy) --cascade=\(policy) --timeout=120s")
        }
        try cluster.eventually("get garages,cm -o name") {
            Set($0.split(separator: "\n")) == [
                "garage.example.org/of-orphan", "configmap/kube-root-ca.crt", "configmap/of-orphan",
            ]
        }
        try cluster.eventually("get cm of-orphan -o jsonpath={.metadata.ownerReferences}", is: "")
    }

    @Test func aNamespaceEndsWithAllItHolds() throws {
        let cluster = try Cluster()
        try cluster.kube("create namespace shop")
        try cluster.eventually("get sa -n shop -o name", is: "serviceaccount/default")
        try cluster.kube("apply -n shop -f -", input: Self.deployment(replicas: 2))
        try cluster.kube("rollout status -n shop deploy/web --timeout=40s")
        try cluster.kube(
            "apply -n shop -f -",
            input: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: held, finalizers: [example.org/wait]}")
        try cluster.kube("delete namespace shop --wait=false")
        let told =
            "get namespace shop -o jsonpath={.status.conditions[?(@.type==\"NamespaceFinalizersRemaining\")].message}"
        try cluster.eventually(told) { $0.contains("example.org/wait in 1 resource instances") }
        try cluster.kube("patch cm held -n shop --type=merge -p {\"metadata\":{\"finalizers\":null}}")
        try cluster.eventually("get namespace shop -o name --ignore-not-found", is: "")
    }

    @Test func aPausedRollWaitsAndABadOneIsToldOf() throws {
        let cluster = try Cluster()
        try cluster.eventually("get sa default -o name", is: "serviceaccount/default")
        try cluster.kube(
            "apply -f -", input: Self.deployment(more: "  progressDeadlineSeconds: 3\n  minReadySeconds: 1"))
        try cluster.kube("rollout status deploy/web --timeout=40s")
        try cluster.kube("rollout pause deploy/web")
        try cluster.kube("set image deploy/web c=example.org/web:v2")
        let progress = "get deploy web -o jsonpath={.status.conditions[?(@.type==\"Progressing\")].reason}"
        try cluster.eventually(progress, is: "DeploymentPaused")
        try #expect(cluster.kube("get rs -o name").split(separator: "\n").count == 1)
        try cluster.kube("rollout resume deploy/web")
        try cluster.kube("rollout status deploy/web --timeout=40s")
        // Pods that never become ready.
        try cluster.kube(
            "patch deploy web --type=merge -p {\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"apus.dev/simulate-ready\":\"false\"}}}}}"
        )
        try cluster.eventually(progress, is: "ProgressDeadlineExceeded")
        try #expect(cluster.plane.refusal("rollout status deploy/web --timeout=20s").contains("progress deadline"))
    }

    @Test func aReplicaSetThatCannotBeMadeIsTold() throws {
        let cluster = try Cluster()
        try cluster.kube("create quota none --hard=count/replicasets.apps=0")
        try cluster.eventually("get quota none -o 'jsonpath={.status.hard}'") { $0.contains("replicasets") }
        try cluster.kube("apply -f -", input: Self.deployment(replicas: 1))
        let progress = #"{.status.conditions[?(@.type=="Progressing")].reason}"#
        try cluster.eventually("get deploy web -o 'jsonpath=\(progress)'", is: "ReplicaSetCreateError")
        try cluster.eventually("describe deploy web") {
            $0.contains("Failed to create new replica set \"web-") && $0.contains("exceeded quota: none")
        }
        try cluster.kube("delete quota none")
        try cluster.kube("rollout status deploy/web --timeout=120s")
        try cluster.eventually("get deploy web -o 'jsonpath=\(progress)'", is: "NewReplicaSetAvailable")
    }
}
